"""Small BERTs that are drawn for one attempt: the same everywhere for the same mark, and others for another mark.

The numbers come from SHA-256 of the mark, because generators of random numbers may differ between versions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache

import torch
from torch import nn

from labcore.exercise.counting_line import DRAWN
from labcore.exercise.counting_models import filled, zero
from labcore.models import classifier
from labcore.models.architecture import Architecture
from labcore.system.processor import HOST

MAX_ZEROS = 9  # in one parameter


class _Draws:
    """Whole numbers that follow from a text."""

    def __init__(self, seed: str):
        self._seed, self._drawn = seed, 0

    def between(self, low: int, high: int) -> int:
        """The next number, from low to high."""
        self._drawn += 1
        digest = hashlib.sha256(f"{self._seed}/{self._drawn}".encode()).digest()
        return low + int.from_bytes(digest[:8], "big") % (high - low + 1)


def drawn_models(mark: str) -> Iterator[nn.Module]:
    """The models of an attempt, each new. Sizes, frozen parameters and zeros are drawn."""
    for number in range(DRAWN):
        yield _drawn_model(_Draws(f"{mark}/{number}"))


def _drawn_model(draws: _Draws) -> nn.Module:
    heads = draws.between(1, 3)
    sizes = Architecture(
        hidden=heads * draws.between(4, 9),
        layers=draws.between(1, 4),
        heads=heads,
        intermediate=draws.between(10, 40),
        vocabulary=draws.between(20, 90),
        positions=draws.between(6, 20),
        labels=draws.between(2, 5),
    )
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)  # a person's file may have changed it
    try:
        model = filled(classifier.build(sizes).to_empty(device=HOST))
    finally:
        torch.set_default_dtype(default)
    for buffer in model.buffers():
        buffer.zero_()
    for parameter in model.parameters():
        parameter.requires_grad_(draws.between(1, 3) > 1)
        last = parameter.numel() - 1
        zero(parameter, *(draws.between(0, last) for _ in range(draws.between(0, MAX_ZEROS))))
    return model


@lru_cache(maxsize=256)  # a class's attempts: each draw of the page takes them
def right_drawn_counts(mark: str) -> tuple[tuple[int, int, int], ...]:
    """Total, trainable and non-zero parameters of each model of an attempt."""
    return tuple(_counts(list(model.parameters())) for model in drawn_models(mark))


def _counts(parameters: list[nn.Parameter]) -> tuple[int, int, int]:
    total = sum(each.numel() for each in parameters)
    trainable = sum(each.numel() for each in parameters if each.requires_grad)
    return total, trainable, sum(int(torch.count_nonzero(each)) for each in parameters)
