"""What a student costs: arithmetic and stored bytes. Parameters are one cost among several, and zeros another matter.

Multiply-accumulates come from torch's own flop counter, run on the meta device, so they are those of the shapes
that `derive` made. A layer's arithmetic is the same wherever it stands, so each distinct layer is counted once.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch.utils.flop_counter import FlopCounterMode

from labcore.compress.student import Student
from labcore.compress.zeros import total_zeros
from labcore.models.architecture import Structure
from labcore.models.structure import build, one_layer, structure_of
from labcore.results.counts import Cost

BITS = 32  # of a number: a bitmask pays if more than one number in 32 is 0
TOKENS = 128  # of the example whose arithmetic is counted, by default


def cost_of(student: Student, tokens: int = TOKENS) -> Cost:
    """Multiply-accumulates of one sentence of `tokens` word pieces (at most as many as it reads), and stored bytes."""
    structure = structure_of(student.model)
    tokens = min(tokens, structure.architecture.positions)
    return Cost(tokens, macs(structure, tokens), stored_bytes(student))


def macs(structure: Structure, tokens: int) -> int:
    """Multiply-accumulates of the matrix products of one forward pass over a sentence of `tokens` pieces.

    Half of what `torch.utils.flop_counter` counts: matrix products, attention's two among them; not the
    element-wise work (LayerNorm, GELU, softmax, sums), nor look-ups.
    """
    around = _counted(one_layer(structure, None), tokens)
    return around + sum(_counted(one_layer(structure, shape), tokens) - around for shape in structure.layers)


@lru_cache(maxsize=4096)
def _counted(structure: Structure, tokens: int) -> int:
    model = build(structure).eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(input_ids=torch.zeros(1, tokens, dtype=torch.long, device="meta"))
    return counter.get_total_flops() // 2


def stored_bytes(student: Student) -> dict[str, int]:
    """Bytes of the weights alone, in each format.

    fp32, fp16, int8: 4, 2 and 1 for each parameter, zeros included (a quantiser's scales would come on top).
    sparse: fp32 in which every matrix that is pruned, or came with more zeros than a bitmask costs (out × in, z of its n
    numbers zero), takes whichever is smallest over all of
    them: dense, 4n; a bitmask, n bits and 4 for each number left; or compressed rows (CSR), 4 for each row and one more,
    8 for each number left (its value and its 32-bit column).
    """
    shapes = {name: parameter.shape for name, parameter in student.model.named_parameters()}
    total = sum(shape.numel() for shape in shapes.values())
    zeros = total_zeros(student)
    came = {name for name, n in zeros.items() if len(shapes[name]) == 2 and BITS * n > shapes[name].numel()}
    names = student.zeros.keys() | came
    pruned = [shapes[name] for name in names]
    numbers = sum(shape.numel() for shape in pruned)
    left = numbers - sum(zeros.get(name, 0) for name in names) - student.unknown_zeros
    bitmask = sum(math.ceil(shape.numel() / 8) for shape in pruned) + 4 * left
    rows = sum(4 * (shape[0] + 1) for shape in pruned) + 8 * left
    return {
        "fp32": 4 * total,
        "fp16": 2 * total,
        "int8": total,
        "sparse": 4 * (total - numbers) + min(4 * numbers, bitmask, rows),
    }
