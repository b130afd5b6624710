"""Steps that leave a student as it was: the shapes and the number of zeros are the same before and after them."""

from __future__ import annotations

from dataclasses import replace

from labcore.compress.student import Student, WeightsNeeded
from labcore.config.ineffective import NoEffect
from labcore.config.spec import Spec, SpecError
from labcore.runs.cache import blueprint, cached_student, structure_of_design
from labcore.runs.ineffective_settings import ineffective_settings


def notes(spec: Spec) -> tuple[NoEffect, ...]:
    """Everything in this spec that somebody asked for and that has no effect: settings, and entire steps."""
    settings = ineffective_settings(spec)
    named = {note.field for note in settings}
    steps = ((f"steps[{index}]", step_note(spec, index)) for index in range(len(spec.steps)))
    return (*settings, *(NoEffect(field, words) for field, words in steps if words and field not in named))


def step_note(spec: Spec, index: int) -> str | None:
    """Why the step at `index` changes nothing; None if it changes something, or if that can't be counted."""
    step = spec.steps[index]
    before, after = (replace(spec, steps=spec.steps[:n]) for n in (index, index + 1))
    if step.random_weights or step.rounds:
        return None  # the same sizes, and other weights
    try:
        if step.sets_zeros:
            changes = _held(before) != _held(after)  # a weight that is 0 by chance is not yet held there
        else:
            changes = structure_of_design(before) != structure_of_design(after)
    except SpecError:
        return None
    return None if changes else f"it {step.no_effect}, or take it out"


def _held(spec: Spec) -> int:
    """How many weights are held at zero."""
    student: Student
    try:
        student = blueprint(spec)
    except WeightsNeeded:
        student = cached_student(spec)
    return sum(student.zeros.values()) + student.unknown_zeros
