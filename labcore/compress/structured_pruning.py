"""Structural pruning within a layer: attention heads and feed-forward neurons are truly removed.

Michel et al., 2019, "Are sixteen heads really better than one?", https://arxiv.org/abs/1905.10650
"""

from __future__ import annotations

import torch
from torch import Tensor

from labcore.compress.calibration import Calibration
from labcore.compress.importance import by_magnitude, by_taylor
from labcore.compress.student import Student
from labcore.config.spec import PruneHeads, PruneNeurons, SpecError
from labcore.config.steps import Importance
from labcore.models import encoder
from labcore.models.architecture import Role
from labcore.models.low_rank import keep_inputs, keep_outputs
from labcore.models.structure import structure_of

_ATTENTION: tuple[Role, ...] = ("query", "key", "value", "output")
_FEED_FORWARD: tuple[Role, ...] = ("up", "down")


def prune_heads(student: Student, step: PruneHeads, calibration: Calibration | None) -> None:
    """Keep the most important heads of each layer. Raises SpecError for more heads than a layer has."""
    shapes = structure_of(student.model).layers
    available = min(shape.heads for shape in shapes)
    if step.heads > available:
        raise SpecError(
            f"prune_heads.heads is {step.heads}, but a layer here has {available} heads; give 1 to {available}"
        )
    scores = _scores(student, step.by, calibration, "prune_heads")
    for layer in range(len(shapes)):
        size = encoder.heads_in(student.model, layer)[1]
        kept = _best(scores[layer][0] if scores else None, step.heads)
        rows = (kept[:, None] * size + torch.arange(size)).flatten()
        with student.noting_energy(encoder.matrix_name(layer, role) for role in _ATTENTION):
            for role in ("query", "key", "value"):
                keep_outputs(student.model.get_submodule(encoder.matrix_name(layer, role)), rows)
            keep_inputs(student.model.get_submodule(encoder.matrix_name(layer, "output")), rows)
        encoder.set_heads(student.model, layer, len(kept))


def prune_neurons(student: Student, step: PruneNeurons, calibration: Calibration | None) -> None:
    """Keep the most important feed-forward neurons of each layer. Raises SpecError for more than a layer has."""
    available = min(shape.intermediate for shape in structure_of(student.model).layers)
    if step.intermediate > available:
        raise SpecError(
            f"prune_neurons.intermediate is {step.intermediate}, but a layer here has {available} neurons; "
            f"give 1 to {available}"
        )
    scores = _scores(student, step.by, calibration, "prune_neurons")
    for layer in range(encoder.architecture_of(student.model).layers):
        kept = _best(scores[layer][1] if scores else None, step.intermediate)
        with student.noting_energy(encoder.matrix_name(layer, role) for role in _FEED_FORWARD):
            keep_outputs(student.model.get_submodule(encoder.matrix_name(layer, "up")), kept)
            keep_inputs(student.model.get_submodule(encoder.matrix_name(layer, "down")), kept)
    student.model.config.intermediate_size = step.intermediate


def _scores(
    student: Student, by: Importance, calibration: Calibration | None, kind: str
) -> list[tuple[Tensor, Tensor]]:
    """Importance of each layer's heads and neurons; nothing without weights, where only shapes matter."""
    if student.on_meta:
        return []
    if by == "magnitude":
        return by_magnitude(student.model)
    if calibration is None:
        raise SpecError(f"{kind} by 'taylor' needs training sentences, and none are at hand; give by 'magnitude'")
    return by_taylor(student.model, calibration.sample(student.vocabulary))


def _best(scores: Tensor | None, n: int) -> Tensor:
    """Indices of the `n` highest scores, in rising order; among equals the first ones."""
    if scores is None:
        return torch.arange(n)
    return torch.sort(scores, descending=True, stable=True).indices[:n].sort().values
