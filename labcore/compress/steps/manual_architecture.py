"""The chapter's manual student: the teacher's family in other sizes, with random weights or initialised from it."""

from __future__ import annotations

import copy

from transformers import PretrainedConfig

from labcore.compress.apply_step import apply_step
from labcore.compress.calibration import Calibration
from labcore.compress.init_from_teacher import initialise_from_teacher
from labcore.compress.student import Student
from labcore.config.checks import SpecError
from labcore.config.steps import Manual
from labcore.config.steps.keep_layers import picked_layers
from labcore.models import classifier, encoder
from labcore.models.architecture import Architecture
from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.models.structure import structure_of


@apply_step.register(Manual)
def manual(step: Manual, student: Student, calibration: Calibration | None) -> None:
    """Put a new model in the student's place. Raises SpecError for sizes that are impossible."""
    source = student.model
    of = encoder.architecture_of(source)
    made = step.architecture(of)
    if reason := family_of(source.config).impossible(made):
        raise SpecError(
            f"manual.hidden is {made.hidden} for {made.heads} heads: {reason}; give a hidden size that is an even "
            "multiple of the heads"
        )
    if step.init == "teacher":
        _check_initialised(student, of, made, calibration)
    student.energy = {}
    if step.init == "teacher" and made == of:
        return
    layers = picked_layers(of.layers, made.layers, "even") if made.layers <= of.layers else None
    model = classifier.build(made, _config_of(source, layers)).train(source.training)
    if not student.on_meta:
        classifier.initialise_randomly(model, student.seed)
        if step.init == "teacher":
            assert calibration is not None  # checked above
            assert layers is not None
            training = source.training
            initialise_from_teacher(
                source.eval(),
                model.eval(),
                layers,
                calibration.sample(student.vocabulary),
            )
            model.train(training)
    student.model = model


def _config_of(source: Classifier, layers: tuple[int, ...] | None) -> PretrainedConfig:
    """The teacher's config, for a model of these layers of it; None: of more layers than it has."""
    config: PretrainedConfig = copy.deepcopy(source.config)
    if layers is not None:
        for name, value in family_of(config).of_layers(config, layers).items():
            setattr(config, name, value)
    return config


def _check_initialised(student: Student, of: Architecture, made: Architecture, calibration: Calibration | None) -> None:
    """Raise SpecError for a student that the teacher can't initialise."""
    for name in ("hidden", "layers", "intermediate"):
        size, limit = getattr(made, name), getattr(of, name)
        if size > limit:
            raise SpecError(
                f"manual.{name} is {size}, but init 'teacher' takes at most the teacher's {limit}; "
                f"give at most {limit}, or init 'random'"
            )
    if not structure_of(student.model).complete:
        raise SpecError(
            "manual with init 'teacher' needs the teacher's full matrices; put it before 'factorise', "
            "'factorise_embeddings' and 'prune_heads', or give init 'random'"
        )
    if calibration is None and made != of and not student.on_meta:
        raise SpecError("manual with init 'teacher' needs training examples, and there are none; give init 'random'")
