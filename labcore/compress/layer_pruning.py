"""Fewer encoder layers: the student keeps some of the teacher's, weights and all (as DistilBERT does).

Sanh et al., 2019, https://arxiv.org/abs/1910.01108
"""

from __future__ import annotations

from typing import TypeVar

from labcore.compress.student import Student
from labcore.config.spec import KeepLayers, SpecError
from labcore.config.steps import Pick
from labcore.models import encoder

T = TypeVar("T")


def picked_layers(available: int, count: int, pick: Pick) -> tuple[int, ...]:
    """Indices (from 0) of `count` of `available` layers; `even` always keeps the last: 3 of 6 gives 1, 3, 5."""
    if pick == "first":
        return tuple(range(count))
    if pick == "last":
        return tuple(range(available - count, available))
    return tuple((i + 1) * available // count - 1 for i in range(count))


def keep_layers(student: Student, step: KeepLayers) -> None:
    """Drop the encoder layers that the step does not keep. Raises SpecError for layers that are not there."""
    available = encoder.architecture_of(student.model).layers
    if step.layers is not None:
        kept = step.layers
        if kept[-1] >= available:
            raise SpecError(
                f"keep_layers.layers names layer {kept[-1]}, but there are {available} layers; give indices from 0 to {available - 1}"
            )
    else:
        assert step.count is not None  # Spec has checked that one of the two is given
        if step.count > available:
            raise SpecError(
                f"keep_layers.count is {step.count}, but there are {available} layers; give 1 to {available}"
            )
        kept = picked_layers(available, step.count, step.pick)

    encoder.set_layers(student.model, kept)
    student.masks = _renumbered(student.masks, kept)
    student.zeros = _renumbered(student.zeros, kept)
    student.energy = _renumbered(student.energy, kept)


def _renumbered(by_name: dict[str, T], kept: tuple[int, ...]) -> dict[str, T]:
    """Entries of the kept layers under their new names; entries outside the encoder as they are."""
    renamed = {}
    for name, value in by_name.items():
        layer = encoder.layer_of(name)
        if layer is None:
            renamed[name] = value
        elif layer in kept:
            renamed[encoder.in_layer(name, kept.index(layer))] = value
    return renamed
