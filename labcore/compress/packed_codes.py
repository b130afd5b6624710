"""A student's tensors as its file has them: the codes of a rounded matrix take as many bits as its grid says.

A row of codes q becomes the unsigned numbers q + 2^(b−1), each of b bits, the lowest bit first, without gaps. A row
ends with a byte. The code −2^(b−1), which no grid uses, stands for a weight that pruning holds at 0. The scales are
numbers of 16 bits, (rows, groups), under the matrix's name and `.scales`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from labcore.compress.grid import SCALES, Grid, values_of
from labcore.compress.student import Student

METADATA = {"format": "pt"}  # of the file


def packed(student: Student) -> dict[str, Tensor]:
    """The tensors of the student's file, by name; on the meta device their types and shapes."""
    tensors = {name: tensor.detach().contiguous() for name, tensor in student.model.state_dict().items()}
    for name, rounded in student.rounded.items():
        weight = tensors[name]
        rows, columns = weight.shape
        if weight.is_meta:
            tensors[name] = torch.empty(rows, _bytes(columns, rounded.grid), dtype=torch.uint8, device="meta")
            scales = torch.empty(rows, rounded.grid.groups(columns), dtype=torch.float16, device="meta")
        else:
            assert rounded.scales is not None
            codes = rounded.codes(student.model.get_parameter(name))
            if name in student.masks:
                codes = codes.masked_fill(~student.masks[name], -rounded.grid.most - 1)
            tensors[name], scales = pack(codes, rounded.grid), rounded.scales.half()
        tensors[name + SCALES] = scales.contiguous()
    return tensors


def unpacked(
    tensors: Mapping[str, Tensor], grids: Mapping[str, Grid], shapes: Mapping[str, torch.Size]
) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Tensor]]:
    """From a file's tensors: the model's, the scales of rounded matrices, and their masks, each by name.

    shapes: of the model's tensors. Raises ValueError if a packed row has another length than its matrix needs.
    """
    plain = {name: tensor for name, tensor in tensors.items() if not name.endswith(SCALES)}
    scales: dict[str, Tensor] = {}
    masks: dict[str, Tensor] = {}
    for name, grid in grids.items():
        rows, columns = shapes[name]
        if tensors[name].shape != (rows, _bytes(columns, grid)):
            raise ValueError(f"{name} holds {tuple(tensors[name].shape)} bytes for {rows} × {columns} weights")
        codes = unpack(tensors[name], columns, grid)
        held = codes == -grid.most - 1
        masks[name], scales[name] = ~held, tensors[name + SCALES].float()
        plain[name] = values_of(codes.masked_fill(held, 0), scales[name], grid)
    return plain, scales, masks


def pack(codes: Tensor, grid: Grid) -> Tensor:
    """Codes (rows, columns), int8, as bytes (rows, bytes)."""
    unsigned = codes.numpy().astype(np.int16) + 2 ** (grid.bits - 1)
    bits = (unsigned[..., None] >> np.arange(grid.bits)) & 1
    return torch.from_numpy(np.packbits(bits.reshape(len(codes), -1).astype(np.uint8), axis=1, bitorder="little"))


def unpack(content: Tensor, columns: int, grid: Grid) -> Tensor:
    """Bytes (rows, bytes) as codes (rows, columns), int8: the inverse of `pack`."""
    bits = np.unpackbits(content.numpy(), axis=1, count=columns * grid.bits, bitorder="little")
    unsigned = bits.reshape(len(content), columns, grid.bits).astype(np.int16) @ (1 << np.arange(grid.bits))
    return torch.from_numpy((unsigned - 2 ** (grid.bits - 1)).astype(np.int8))


def _bytes(columns: int, grid: Grid) -> int:
    """How many bytes a row of codes takes."""
    return -(-columns * grid.bits // 8)
