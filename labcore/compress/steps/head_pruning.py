"""Structural pruning of attention heads: the less important ones are removed, so the matrices get smaller.

Michel et al., 2019, "Are sixteen heads really better than one?", https://arxiv.org/abs/1905.10650
"""

from __future__ import annotations

from labcore.compress.apply_step import apply_step
from labcore.compress.calibration import Calibration
from labcore.compress.importance import important, scores_of
from labcore.compress.student import Student
from labcore.compress.zeros import zeros_left, zeros_of_smaller
from labcore.config.checks import SpecError
from labcore.config.steps import PruneHeads
from labcore.models.family import family_of
from labcore.models.new_sizes import select_heads
from labcore.models.structure import structure_of


@apply_step.register(PruneHeads)
def prune_heads(step: PruneHeads, student: Student, calibration: Calibration | None) -> None:
    """Keep the most important heads of each layer. Raises SpecError for more heads than a layer has."""
    shapes = structure_of(student.model).layers
    available = min(shape.heads for shape in shapes)
    if step.heads > available:
        raise SpecError(
            f"prune_heads.heads is {step.heads}, but a layer here has {available} heads; give 1 to {available}"
        )
    scores = scores_of(student, step.by, calibration, step.kind)
    family = family_of(student.model.config)
    for layer in range(len(shapes)):
        kept = important(scores[layer][0] if scores else None, step.heads)
        with student.noting_energy(family.matrix_name(layer, role) for role in (*family.layer.head_roles, "output")):
            select_heads(student.model, layer, kept)


zeros_left.register(PruneHeads)(zeros_of_smaller)
