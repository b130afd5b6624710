"""Steps that leave a student as it was, found by comparing shapes and numbers of zeros before and after them."""

from __future__ import annotations

from dataclasses import replace

from labcore.compress.student import Student, WeightsNeeded
from labcore.config.ineffective import NoEffect
from labcore.config.spec import (
    Factorise,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    Spec,
    SpecError,
    Step,
    TrimVocabulary,
)
from labcore.runs.cache import blueprint, cached_student, structure_of_design
from labcore.runs.ineffective_settings import ineffective_settings


def notes(spec: Spec) -> tuple[NoEffect, ...]:
    """All that somebody asked for in this spec and that has no effect: settings, and whole steps."""
    settings = ineffective_settings(spec)
    named = {note.field for note in settings}
    steps = ((f"steps[{index}]", step_note(spec, index)) for index in range(len(spec.steps)))
    return (*settings, *(NoEffect(field, words) for field, words in steps if words and field not in named))


def step_note(spec: Spec, index: int) -> str | None:
    """Why the step at `index` changes nothing of what the steps before it left; None if it does, or if that can't be counted."""
    step = spec.steps[index]
    before, after = (replace(spec, steps=spec.steps[:n]) for n in (index, index + 1))
    if isinstance(step, Manual) and step.init == "random":
        return None  # the same sizes, and other weights
    try:
        if isinstance(step, Prune):
            changes = _held(before) != _held(after)  # a weight that is 0 by chance is not yet held there
        else:
            changes = structure_of_design(before) != structure_of_design(after)
    except SpecError:
        return None
    return None if changes else _why(step)


def _held(spec: Spec) -> int:
    """How many weights are held at zero."""
    student: Student
    try:
        student = blueprint(spec)
    except WeightsNeeded:
        student = cached_student(spec)
    return sum(student.zeros.values()) + student.unknown_zeros


def _why(step: Step) -> str:
    match step:
        case KeepLayers():
            what = "keeps all layers that there are; keep fewer"
        case PruneHeads():
            what = "keeps all heads that there are; keep fewer"
        case PruneNeurons():
            what = "keeps all neurons that there are; keep fewer"
        case Prune():
            what = "sets no weight to zero that is not zero already; raise the sparsity"
        case Factorise():
            what = "finds no matrix that two factors would make smaller; keep less energy"
        case TrimVocabulary():
            what = "keeps all tokens that there are; keep fewer"
        case _:
            what = "leaves all as it was; give other sizes"
    return f"it {what}, or take it out"
