"""What a student costs: arithmetic and stored bytes. Parameters are only one cost among several.

Multiply-accumulates come from torch's own flop counter on the meta device, so they are those of the shapes that
`derive` made. A layer's arithmetic does not depend on its index, so each distinct layer is counted once.
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
    """Multiply-accumulates of one example of `tokens` tokens (at most those that the model reads), and stored bytes."""
    structure = structure_of(student.model)
    tokens = min(tokens, structure.architecture.positions)
    return Cost(tokens, macs(structure, tokens), stored_bytes(student))


def macs(structure: Structure, tokens: int) -> int:
    """Multiply-accumulates of the matrix products of one forward pass over an example of `tokens` tokens.

    Half of the count of `torch.utils.flop_counter`: matrix products, with the two of attention. Element-wise work
    (LayerNorm, GELU, softmax, sums) and look-ups do not count.
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
    sparse: fp32, with one format for all sparse matrices: the smallest of dense, bitmask and compressed rows (CSR).
    A matrix is sparse if it was pruned, or came with more zeros than a bitmask costs. For n elements, dense takes 4n;
    a bitmask takes n bits, and 4 for each element that is not zero; CSR takes 4 for each row and one more, and 8 for
    each element that is not zero (its value and its 32-bit column).
    """
    shapes = {name: parameter.shape for name, parameter in student.model.named_parameters()}
    total = sum(shape.numel() for shape in shapes.values())
    zeros = total_zeros(student)
    came = {name for name, n in zeros.items() if len(shapes[name]) == 2 and BITS * n > shapes[name].numel()}
    names = student.zeros.keys() | came
    pruned = [shapes[name] for name in names]
    elements = sum(shape.numel() for shape in pruned)
    nonzero = elements - sum(zeros.get(name, 0) for name in names) - student.unknown_zeros
    bitmask = sum(math.ceil(shape.numel() / 8) for shape in pruned) + 4 * nonzero
    rows = sum(4 * (shape[0] + 1) for shape in pruned) + 8 * nonzero
    return {
        "fp32": 4 * total,
        "fp16": 2 * total,
        "int8": total,
        "sparse": 4 * (total - elements) + min(4 * elements, bitmask, rows),
    }
