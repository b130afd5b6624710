"""Structural pruning of feed-forward neurons: the less important ones are removed, so the matrices get smaller."""

from __future__ import annotations

from labcore.compress.apply_step import apply_step
from labcore.compress.calibration import Calibration
from labcore.compress.importance import important, scores_of
from labcore.compress.student import Student
from labcore.compress.zeros import zeros_left, zeros_of_smaller
from labcore.config.checks import SpecError
from labcore.config.steps import PruneNeurons
from labcore.models import encoder
from labcore.models.architecture import Role
from labcore.models.family import family_of
from labcore.models.new_sizes import select_neurons, set_neurons
from labcore.models.structure import structure_of

_FEED_FORWARD: tuple[Role, ...] = ("up", "down")


@apply_step.register(PruneNeurons)
def prune_neurons(step: PruneNeurons, student: Student, calibration: Calibration | None) -> None:
    """Keep the most important feed-forward neurons of each layer. Raises SpecError for more than a layer has."""
    available = min(shape.intermediate for shape in structure_of(student.model).layers)
    if step.intermediate > available:
        raise SpecError(
            f"prune_neurons.intermediate is {step.intermediate}, but a layer here has {available} neurons; "
            f"give 1 to {available}"
        )
    scores = scores_of(student, step.by, calibration, step.kind)
    for layer in range(encoder.architecture_of(student.model).layers):
        kept = important(scores[layer][1] if scores else None, step.intermediate)
        with student.noting_energy(family_of(student.model.config).matrix_name(layer, role) for role in _FEED_FORWARD):
            select_neurons(student.model, layer, kept)
    set_neurons(student.model, step.intermediate)


zeros_left.register(PruneNeurons)(zeros_of_smaller)
