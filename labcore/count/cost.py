"""What a student costs: arithmetic and stored bytes. Parameters are only one cost among several.

Multiply-accumulates follow from the shapes that `derive` made. The tests compare them with torch's own flop counter.
"""

from __future__ import annotations

import json
import math

import torch
from torch import nn

from labcore.compress.packed_codes import METADATA, packed
from labcore.compress.student import Student
from labcore.compress.zeros import total_zeros
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.results.counts import Cost

BITS = 32  # of a number: a bitmask pays if more than one number in 32 is 0
HEAD = ("pooler", "classifier")  # parts that read one vector of an example
TYPES = {torch.float32: "F32", torch.float16: "F16", torch.uint8: "U8", torch.int64: "I64"}  # in a file's header
TOKENS = 128  # of the example whose arithmetic is counted, by default


def cost_of(student: Student, tokens: int = TOKENS) -> Cost:
    """Multiply-accumulates of one example of `tokens` tokens (at most those that the model reads), and stored bytes."""
    tokens = min(tokens, encoder.architecture_of(student.model).positions)
    return Cost(tokens, macs(student.model, tokens), stored_bytes(student) | {"stored": file_bytes(student)})


def macs(model: Classifier, tokens: int) -> int:
    """Multiply-accumulates of the matrix products of one forward pass over an example of `tokens` tokens.

    A matrix applies to each token, one of the head to the single vector that it reads. Each head of attention compares
    all tokens with all, and mixes them. Element-wise work (LayerNorm, GELU, softmax, sums) and look-ups do not count.
    """
    family, vectors = family_of(model.config), 0
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear):
            times = 1 if family.part_of(f"{name}.weight") in HEAD else tokens
            vectors += times * module.in_features * module.out_features
    sizes = (encoder.heads_in(model, layer) for layer in range(encoder.architecture_of(model).layers))
    return vectors + 2 * tokens**2 * sum(heads * size for heads, size in sizes)


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


def file_bytes(student: Student) -> int:
    """Bytes of the file of weights in the student's folder: the tensors as they are packed, and a header.

    The header is JSON, after its length in 8 bytes and up to a multiple of 8. It has the larger types first, and equal
    ones by name (https://github.com/huggingface/safetensors#format).
    """
    header: dict[str, object] = {"__metadata__": METADATA}
    end = 0
    tensors = packed(student)
    for name in sorted(tensors, key=lambda name: (-tensors[name].element_size(), name)):
        start, end = end, end + tensors[name].nbytes
        kind = TYPES[tensors[name].dtype]
        header[name] = {"dtype": kind, "shape": list(tensors[name].shape), "data_offsets": [start, end]}
    length = len(json.dumps(header, separators=(",", ":")).encode())
    return 8 + 8 * math.ceil(length / 8) + end
