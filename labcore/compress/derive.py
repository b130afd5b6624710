"""From a teacher to a student: a list of steps, applied in order to a copy."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import labcore.compress.steps  # noqa: F401  (registers how each kind of step is carried out)
from labcore.compress.apply_step import apply_step
from labcore.compress.calibration import Calibration
from labcore.compress.nonstandard import mark_if_nonstandard
from labcore.compress.student import FROM_SCRATCH_RATE, Student, WeightsNeeded
from labcore.compress.zeros import carry_zeros
from labcore.config.checks import SpecError
from labcore.config.steps import Step, steps_from
from labcore.models.classifier import Classifier
from labcore.models.fingerprint import fingerprint
from labcore.models.model_copy import copied
from labcore.models.unwrap import plain_classifier


def derive(
    teacher: Classifier | Student,
    steps: Sequence[Step],
    calibration: Calibration | None = None,
    seed: int = 0,
    origin: str = "",
) -> Student:
    """The student that `steps` make of `teacher`, which stays as it is, byte for byte.

    `teacher` may be half-precision, compiled, parallel or PEFT-wrapped, or a `Student`, whose zeros stay held.
    On the meta device it makes the same shapes and the same number of zeros. Steps that need training examples (Taylor
    scores, activations, the vocabulary's use) take them from `calibration`. Random weights are those of `seed`; torch's
    global generator stays as it is. A step may be its JSON object, such as {"kind": "factorise", "rank": 64}.
    `origin`: the teacher's fingerprint, if it is known, by which `calibration` keeps work on the teacher's weights.
    Raises SpecError for a step that this teacher does not allow, WeightsNeeded if the values decide and there are none.
    """
    student, steps = _copy(teacher, seed), steps_from(steps)
    if calibration is not None and not student.on_meta and any(step.remembers for step in steps):
        student.origin = origin or fingerprint(student.model)
    for step in steps:
        if student.rounded:
            raise SpecError(f"'{step.kind}' after 'quantise' would leave its grids of few values; put 'quantise' last")
        if student.zeros and not step.keeps_zeros:
            raise SpecError(f"'{step.kind}' after 'prune' would make new matrices without the zeros; put 'prune' last")
        if student.unknown_zeros and not step.rounds:
            raise WeightsNeeded(
                "after a global prune, the next step's input depends on the weights; put the prune last, "
                "or use a teacher that has weights"
            )
        before = dict(student.model.named_parameters())
        apply_step(step, student, calibration)
        carry_zeros(student, before, step)
        student.steps = (*student.steps, step)
    mark_if_nonstandard(student.model)
    return student


def _copy(teacher: Classifier | Student, seed: int) -> Student:
    """A student that is a copy of the teacher, in fp32 and trainable.

    From a teacher that is a student itself, it takes the zeros, the vocabulary, and whether the weights are new.
    """
    if not isinstance(teacher, Student):
        return Student(copied(plain_classifier(teacher)).float().requires_grad_(True), seed=seed)
    return Student(
        copied(teacher.model).requires_grad_(True),
        seed=seed,
        masks=copy.deepcopy(teacher.masks),
        zeros=dict(teacher.zeros),
        natural=copy.deepcopy(teacher.natural),
        rounded=copy.deepcopy(teacher.rounded),
        energy=dict(teacher.energy),
        vocabulary=teacher.vocabulary,
        reinitialised=teacher.learning_rate == FROM_SCRATCH_RATE,
    )
