"""Fewer encoder layers: the student keeps some of the teacher's, with their weights (as DistilBERT does).

Sanh et al., 2019, https://arxiv.org/abs/1910.01108
"""

from __future__ import annotations

from typing import TypeVar

from labcore.compress.apply_step import apply_step
from labcore.compress.calibration import Calibration
from labcore.compress.student import Student
from labcore.config.checks import SpecError
from labcore.config.steps import KeepLayers
from labcore.models import encoder
from labcore.models.family import Family, family_of
from labcore.models.new_sizes import select_layers

T = TypeVar("T")


@apply_step.register(KeepLayers)
def keep_layers(step: KeepLayers, student: Student, calibration: Calibration | None) -> None:
    """Remove the encoder layers that the step does not keep. Raises SpecError for layers that do not exist."""
    available = encoder.architecture_of(student.model).layers
    if step.layers is not None and step.layers[-1] >= available:
        raise SpecError(
            f"keep_layers.layers names layer {step.layers[-1]}, but there are {available} layers; "
            f"give indices from 0 to {available - 1}"
        )
    if step.count is not None and step.count > available:
        raise SpecError(f"keep_layers.count is {step.count}, but there are {available} layers; give 1 to {available}")
    kept = step.kept(available)
    select_layers(student.model, kept)
    family = family_of(student.model.config)
    student.masks = _renumbered(student.masks, family, kept)
    student.zeros = _renumbered(student.zeros, family, kept)
    student.energy = _renumbered(student.energy, family, kept)


def _renumbered(by_name: dict[str, T], family: Family, kept: tuple[int, ...]) -> dict[str, T]:
    """Entries of the kept layers under their new names; entries outside the encoder as they are."""
    renamed = {}
    for name, value in by_name.items():
        layer = family.layer_of(name)
        if layer is None:
            renamed[name] = value
        elif layer in kept:
            renamed[family.in_layer(name, kept.index(layer))] = value
    return renamed
