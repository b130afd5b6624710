"""A student of low bits as an ONNX file on its own grid: the codes and scales of the student, and no second rounding.

onnxruntime's `MatMulNBits` and `GatherBlockQuantized` hold codes without a sign, q + 2^(b−1), in 2, 4 or 8 bits, and a
scale for each block of a row. 3 bits stand in 4. Scales stand as 16 bits, as in the student's own file.
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from labcore.compress.student import Student

CONTAINERS = (2, 4, 8)  # bits in which onnxruntime holds a code
BLOCKS = (16, 32, 64, 128, 256)  # neighbours in a row that it lets share a scale
MICROSOFT = "com.microsoft"
Array = NDArray[Any]


@dataclass(frozen=True)
class Codes:
    """One rounded matrix (rows, columns): its codes (int8), its scales (rows, groups), and neighbours of a scale."""

    bits: int
    codes: Array
    scales: Array
    group: int

    @property
    def container(self) -> int:
        """The bits in which a code stands in the file."""
        return next(bits for bits in CONTAINERS if bits >= self.bits)

    @property
    def block(self) -> int:
        """The neighbours that share a scale in the file. The scales of a row are repeated for its blocks."""
        columns, cost = self.codes.shape[1], self.container / 8
        if self.group < columns:
            return self.group
        return min(BLOCKS, key=lambda block: -(-columns // block) * (block * cost + 2))

    def block_scales(self) -> Array:
        """The scale of each block (rows, blocks), in 16 bits."""
        starts = np.arange(0, self.codes.shape[1], self.block) // self.group
        return self.scales[:, starts].astype(np.float16)

    def unsigned(self) -> Array:
        """The codes as numbers from 0 (rows, columns)."""
        return (self.codes.astype(np.int16) + 2 ** (self.container - 1)).astype(np.uint8)

    def blocks(self) -> Array:
        """The packed codes (rows, blocks, bytes), the last block filled up with the code of 0."""
        columns, unsigned = self.codes.shape[1], self.unsigned()
        missing = -columns % self.block
        padded = np.pad(unsigned, ((0, 0), (0, missing)), constant_values=2 ** (self.container - 1))
        return _packed(padded.reshape(len(padded), -1, self.block), self.container)

    def rows(self) -> Array:
        """The packed codes (rows, bytes), without any filling."""
        return _packed(self.unsigned(), self.container)


def write_grid(source: Path, target: Path, student: Student) -> tuple[str, ...]:
    """Put the student's codes in the place of its rounded matrices in an fp32 file; returns notes on what was stored.

    A matrix that onnxruntime can't hold so stays in fp32, with the same values.
    """
    import onnx

    model, matrices = onnx.load(source), codes_of_student(student)
    stored = onnx_of_grid(model.graph, matrices, student)
    if not any(each.domain == MICROSOFT for each in model.opset_import):
        model.opset_import.append(onnx.helper.make_opsetid(MICROSOFT, 1))
    onnx.save(model, target)
    return tuple(_notes(matrices, stored))


def codes_of_student(student: Student) -> dict[str, Codes]:
    """The codes of each rounded matrix, by its parameter's name."""
    matrices = {}
    for name, rounded in student.rounded.items():
        codes = rounded.codes(student.model.get_parameter(name)).numpy()
        assert rounded.scales is not None
        group = rounded.grid.group or codes.shape[1]
        matrices[name] = Codes(rounded.grid.bits, codes, rounded.scales.numpy(), group)
    return matrices


def onnx_of_grid(graph: Any, matrices: Mapping[str, Codes], student: Student) -> set[str]:
    """Replace each product with a rounded matrix, and each look-up in one, in an ONNX graph.

    A product's matrix is known by its values, because the exporter renames what it transposes. Returns the names of
    the parameters whose codes the graph has now.
    """
    from onnx import numpy_helper

    constants = {tensor.name: tensor for tensor in graph.initializer}
    by_values = {_hash(_values(student, name).T): name for name in matrices}
    nodes, done = [], set[str]()
    for node in graph.node:
        name = None
        if node.op_type in ("MatMul", "Gemm") and node.input[1] in constants:
            array = numpy_helper.to_array(constants[node.input[1]])
            transposed = any(each.name == "transB" and each.i for each in node.attribute)
            name = by_values.get(_hash(array.T if transposed else array))
        elif node.op_type == "Gather" and node.input[0] in constants:
            name = node.input[0].removeprefix("model.")
        if name is None or name not in matrices or not _holds(node.op_type, matrices[name]):
            nodes.append(node)
            continue
        put = _gather if node.op_type == "Gather" else _product
        nodes += put(graph, node, matrices[name])
        done.add(name)
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    return done


def _holds(kind: str, matrix: Codes) -> bool:
    """Whether onnxruntime can hold the matrix: a group is a block, and a row of a table is in full bytes."""
    if matrix.group < matrix.codes.shape[1] and matrix.group not in BLOCKS:
        return False
    return kind != "Gather" or matrix.codes.shape[1] * matrix.container % 8 == 0


def _product(graph: Any, node: Any, matrix: Codes) -> Sequence[Any]:
    from onnx import helper

    rows, columns = matrix.codes.shape
    bias, product = list(node.input[2:]), node.output[0] + ("_product" if len(node.input) > 2 else "")
    codes, scales, cast = _constants(graph, product, matrix.blocks(), matrix.block_scales())
    made = helper.make_node(
        "MatMulNBits",
        [node.input[0], codes, scales],
        [product],
        name=f"{node.name}_grid",
        domain=MICROSOFT,
        K=columns,
        N=rows,
        bits=matrix.container,
        block_size=matrix.block,
    )
    sums = [helper.make_node("Add", [product, *bias], list(node.output))] if bias else []
    return [cast, made, *sums]


def _gather(graph: Any, node: Any, matrix: Codes) -> Sequence[Any]:
    from onnx import helper

    codes, scales, cast = _constants(graph, node.output[0], matrix.rows(), matrix.block_scales())
    made = helper.make_node(
        "GatherBlockQuantized",
        [codes, node.input[1], scales],
        list(node.output),
        name=f"{node.name}_grid",
        domain=MICROSOFT,
        gather_axis=0,
        quantize_axis=1,
        bits=matrix.container,
        block_size=matrix.block,
    )
    return [cast, made]


def _constants(graph: Any, name: str, codes: Array, scales: Array) -> tuple[str, str, Any]:
    """Add codes and scales to the graph; returns their names, and the node that gives the scales 32 bits at loading."""
    from onnx import TensorProto, helper, numpy_helper

    graph.initializer.append(numpy_helper.from_array(codes, f"{name}_codes"))
    graph.initializer.append(numpy_helper.from_array(scales, f"{name}_scales16"))
    cast = helper.make_node("Cast", [f"{name}_scales16"], [f"{name}_scales"], to=TensorProto.FLOAT)
    return f"{name}_codes", f"{name}_scales", cast


def _packed(codes: Array, bits: int) -> Array:
    """Codes (…, n) in bytes (…, n · bits / 8), the first in the lowest bits."""
    each = codes.reshape(*codes.shape[:-1], -1, 8 // bits)
    packed = np.zeros(each.shape[:-1], np.uint8)
    for place in range(8 // bits):
        packed |= each[..., place] << (bits * place)
    return packed


@torch.no_grad()
def _values(student: Student, name: str) -> Array:
    values: Array = student.model.get_parameter(name).numpy()
    return values


def _hash(array: Array) -> str:
    return hashlib.sha256(repr(array.shape).encode() + (array + 0.0).tobytes()).hexdigest()  # −0 is 0


def _notes(matrices: Mapping[str, Codes], stored: set[str]) -> list[str]:
    bits = sorted({matrix.bits for name, matrix in matrices.items() if name in stored})
    notes = [f"The file has the student's own grid of {' and '.join(map(str, bits))} bits: nothing was rounded again."]
    if any(matrices[name].container != matrices[name].bits for name in stored):
        notes.append("Codes of 3 bits take 4 bits each, because onnxruntime has no 3.")
    if left := len(matrices) - len(stored):
        notes.append(f"{left} of {len(matrices)} rounded matrices stand in fp32, with the same values.")
    return notes
