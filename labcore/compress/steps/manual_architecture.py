"""The chapter's manual student: a BERT of other sizes, with random weights or initialised from the teacher."""

from __future__ import annotations

from labcore.compress.apply_step import apply_step
from labcore.compress.calibration import Calibration
from labcore.compress.init_from_teacher import initialise_from_teacher
from labcore.compress.student import Student
from labcore.config.checks import SpecError
from labcore.config.steps import Manual
from labcore.config.steps.keep_layers import picked_layers
from labcore.models import classifier, encoder
from labcore.models.architecture import Architecture
from labcore.models.structure import structure_of


@apply_step.register(Manual)
def manual(step: Manual, student: Student, calibration: Calibration | None) -> None:
    """Put a new BERT in the student's place. Raises SpecError for sizes that are impossible."""
    source = student.model
    of = encoder.architecture_of(source)
    made = step.architecture(of)
    if step.init == "teacher":
        _check_initialised(student, of, made, calibration)
    student.energy = {}
    if step.init == "teacher" and made == of:
        return
    model = classifier.build(made, source.config).train(source.training)
    if not student.on_meta:
        classifier.initialise_randomly(model, student.seed)
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


def _check_initialised(student: Student, of: Architecture, made: Architecture, calibration: Calibration | None) -> None:
    """Raise SpecError for a student that the teacher can't initialise."""
    for name in ("hidden", "layers", "intermediate"):
        size, limit = getattr(made, name), getattr(of, name)
        if size > limit:
            raise SpecError(
                f"manual.{name} is {size}, but init 'teacher' takes at most the teacher's {limit}; "
                f"give at most {limit}, or init 'random'"
            )
    if not structure_of(student.model).plain:
        raise SpecError(
            "manual with init 'teacher' needs the teacher's full matrices; put it before 'factorise', "
            "'factorise_embeddings' and 'prune_heads', or give init 'random'"
        )
    if calibration is None and made != of and not student.on_meta:
        raise SpecError("manual with init 'teacher' needs training examples, and there are none; give init 'random'")
