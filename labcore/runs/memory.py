"""Whether a student fits into the memory that is free, before anything of it is built with weights.

A system that runs out of memory may end the process silently, and every page and run with it. So the sizes are counted
on the meta device first, and compared with the free memory. They are a lower bound: activations, which depend on the
batch, come on top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.compress.student import Student, WeightsNeeded
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import Step
from labcore.models import encoder
from labcore.runs.teacher_models import blueprint_of
from labcore.system import processor
from labcore.system.host import free_bytes

BYTES = 4  # of a number in fp32, in which students are derived and trained
COPIES = 5  # of a trained number: the weight, its gradient, AdamW's two moments, the best checkpoint
TABLE_COPIES = 4  # of a number of the trained token embeddings, whose gradient holds only the rows of a batch
FROZEN_COPIES = 2  # of token embeddings that are not trained: the weight and the best checkpoint


@dataclass(frozen=True)
class Size:
    """parameters: of a model. table: those among them that are token embeddings. rounded: those on a grid.

    A rounded one is there twice: as it is, and as it was before rounding.
    """

    parameters: int
    table: int
    rounded: int


def check_room_to_derive(teacher: str, steps: Sequence[Step], calibration: Calibration) -> None:
    """Raise SpecError, with both sizes, if these steps take more memory to carry out than is free."""
    _check_derived(_sizes(teacher, steps, calibration), steps, free_bytes())


def check_memory_to_train(spec: Spec, calibration: Calibration) -> None:
    """Raise SpecError, with both sizes, if the spec's student takes more memory to derive or to train than is free.

    Call it before the teacher is loaded: the teacher and an assistant are in memory beside the student. A GPU with
    memory of its own must have room for the training, too.
    """
    sizes = _sizes(spec.teacher, spec.steps, calibration)
    beside = [sizes[0]]
    if spec.assistant is not None:
        beside.append(_sizes(spec.teacher, spec.assistant.steps, calibration)[-1])
    others, free = BYTES * sum(size.parameters for size in beside), free_bytes()
    on_device = processor.free_bytes(processor.device())
    _check_derived(sizes, spec.steps, free, others)
    if len(sizes) <= len(spec.steps):  # the student's size depends on weights: it may be smaller than what is known
        return
    student, config = sizes[-1], spec.distil
    table = (TABLE_COPIES if config.embeddings else FROZEN_COPIES) * student.table
    needed = BYTES * (COPIES * (student.parameters - student.table) + table + student.rounded) + others
    free = free if on_device is None else min(free, on_device)
    if needed > free:
        raise SpecError(
            f"training this student takes at least {_gigabytes(needed)} of memory, but {_gigabytes(free)} are free: "
            f"it has {student.parameters:,} parameters, each with its gradient, two moments and a copy in the best "
            f"checkpoint; {_advice(sizes, spec.steps, len(sizes) - 1)}"
        )


def _sizes(teacher: str, steps: Sequence[Step], calibration: Calibration) -> list[Size]:
    """The sizes of the teacher and of the student after each step, as far as they don't depend on weights."""
    blueprint = blueprint_of(teacher)
    sizes = [_size(blueprint)]
    for n in range(1, len(steps) + 1):
        try:
            sizes.append(_size(derive(blueprint, steps[:n], calibration)))
        except WeightsNeeded:  # ranks that depend on the weights make no model that is far larger
            break
    return sizes


def _size(student: Student) -> Size:
    _, table = encoder.word_embeddings(student.model)
    return Size(
        sum(parameter.numel() for parameter in student.model.parameters()),
        sum(parameter.numel() for parameter in table.parameters()),
        sum(student.model.get_parameter(name).numel() for name in student.rounded),
    )


def _check_derived(sizes: Sequence[Size], steps: Sequence[Step], free: int, others: int = 0) -> None:
    """Raise SpecError if a step can't be carried out: the models before and after it are in memory together."""
    for i, (before, after) in enumerate(pairwise(sizes)):
        needed = BYTES * (before.parameters + after.parameters + after.rounded) + others
        if needed > free:
            raise SpecError(
                f"steps[{i}] ({steps[i].kind}) takes at least {_gigabytes(needed)} of memory, but {_gigabytes(free)} "
                f"are free: it makes {after.parameters:,} parameters of {before.parameters:,}; "
                f"{_advice(sizes, steps, i + 1)}"
            )


def _advice(sizes: Sequence[Size], steps: Sequence[Step], n: int) -> str:
    """Advice if the student after `n` steps is too large: reduce the step that made it larger, if there is one."""
    for i in reversed(range(n)):
        if sizes[i + 1].parameters > sizes[i].parameters:
            return f"make {steps[i].reduce} of steps[{i}] smaller"
    return "close other programs, or give a smaller teacher"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"
