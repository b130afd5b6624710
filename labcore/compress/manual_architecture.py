"""The chapter's manual student: a BERT of other sizes, from a random start or cut out of the teacher."""

from __future__ import annotations

from dataclasses import replace

from labcore.compress.calibration import Calibration
from labcore.compress.init_from_teacher import initialise_from_teacher
from labcore.compress.layer_pruning import picked_layers
from labcore.compress.student import Student
from labcore.config.spec import Manual, SpecError
from labcore.config.steps import divisibility
from labcore.models import encoder
from labcore.models.architecture import Architecture
from labcore.models.structure import structure_of


def manual_architecture(of: Architecture, step: Manual) -> Architecture:
    """The sizes that the step asks for; a size left out is half of `of`'s (never below 1). Raises SpecError."""
    made = replace(
        of,
        hidden=step.hidden or max(1, of.hidden // 2),
        layers=step.layers or max(1, of.layers // 2),
        heads=step.heads or max(1, of.heads // 2),
        intermediate=step.intermediate or max(1, of.intermediate // 2),
    )
    if made.hidden % made.heads:
        raise SpecError(divisibility(made.hidden, made.heads))
    return made


def manual(student: Student, step: Manual, calibration: Calibration | None) -> None:
    """Put a new BERT in the student's place. Raises SpecError for sizes that can't be had."""
    source = student.model
    of = encoder.architecture_of(source)
    made = manual_architecture(of, step)
    if step.init == "teacher":
        _check_cut(student, of, made, calibration)
    student.energy = {}
    if step.init == "teacher" and made == of:
        return
    model = encoder.build(made, source.config).train(source.training)
    if not student.on_meta:
        encoder.start_at_random(model, student.seed)
        if step.init == "teacher":
            assert calibration is not None  # checked above
            training = source.training
            initialise_from_teacher(
                source.eval(),
                model.eval(),
                picked_layers(of.layers, made.layers, "even"),
                calibration.sample(student.vocabulary),
            )
            model.train(training)
    student.model = model


def _check_cut(student: Student, of: Architecture, made: Architecture, calibration: Calibration | None) -> None:
    """Raise SpecError for a student that can't be cut out of what is there."""
    for name in ("hidden", "layers", "intermediate"):
        size, limit = getattr(made, name), getattr(of, name)
        if size > limit:
            raise SpecError(
                f"manual.{name} is {size}, but init 'teacher' can only cut out of the teacher's {limit}; "
                f"give at most {limit}, or init 'random'"
            )
    if not structure_of(student.model).plain:
        raise SpecError(
            "manual with init 'teacher' needs whole matrices; put it before 'factorise', 'factorise_embeddings' and "
            "'prune_heads', or give init 'random'"
        )
    if calibration is None and made != of and not student.on_meta:
        raise SpecError("manual with init 'teacher' needs training sentences, and none are at hand; give init 'random'")
