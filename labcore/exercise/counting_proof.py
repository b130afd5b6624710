"""The counting line of an attempt: a person's function counts the attempt's drawn models, its teacher and students.

No right count is computed here, so the function finds none in this process. Page and grader compute them again. The
function's own code has to count: it may not call the lab's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from torch import nn

from labcore.config.spec import SpecError
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.counting_check import count, model_of
from labcore.exercise.counting_drawn import drawn_models
from labcore.exercise.counting_line import CountingLine, designs_digest, read_code, shapes_in
from labcore.exercise.model_shapes import stand_in
from labcore.exercise.teacher_here import teacher_problem

LABCORE = Path(__file__).resolve().parents[1]
COUNTS_OF_THE_LAB = tuple(f"{LABCORE / name}" for name in ("count", "exercise/counting_", "exercise/own_counts"))


class NoProof(SpecError):
    """The function did not count a model of the attempt."""


def counting_line(counter: Callable[[nn.Module], Any], code: str) -> str:
    """The line that holds the function's counts of all models of an attempt.

    Raises NoProof if the function fails for a model, or calls the lab's own counting. Raises SpecError if the code
    can't be read, or if a student can't be made.
    """
    attempt = read_code(code)
    drawn = tuple(
        _counted(counter, model, f"drawn model {number}") for number, model in enumerate(drawn_models(attempt.id), 1)
    )
    names = ("the teacher", *(f"student {name}" for name in SLOTS))
    models = zip(names, _models(attempt, code), strict=True)
    totals = tuple(_counted(counter, model, name)[0] for name, model in models)
    return CountingLine(attempt.id, designs_digest(attempt), totals, drawn).to_text()


def _models(attempt: Attempt, code: str) -> Iterator[nn.Module]:
    """The teacher and the three students, one after another; stand-ins of their shapes if the teacher is not here.

    Raises SpecError if it is not here and the code holds no shapes, or if a student can't be made.
    """
    if problem := teacher_problem(attempt):
        shapes = shapes_in(code)
        if shapes is None:
            raise SpecError(problem)
        yield from map(stand_in, shapes)
        return
    yield deepcopy(model_of(replace(attempt.spec(0), steps=())))
    for slot in range(len(SLOTS)):
        yield deepcopy(model_of(attempt.spec(slot)))


def _counted(counter: Callable[[nn.Module], Any], model: nn.Module, name: str) -> tuple[int, ...]:
    called: list[str] = []

    def watched(given: nn.Module) -> Any:
        with _calls_into_the_lab(called):
            return counter(given)

    counts, wrong = count(watched, model)
    if called:
        raise NoProof(f"{name}: the function calls the lab's own counting ({called[0]}); count by your own code")
    if wrong:
        raise NoProof(f"{name}: {wrong}")
    return counts


@contextmanager
def _calls_into_the_lab(called: list[str]) -> Iterator[None]:
    """Note the functions of the lab's own counting that are called in this block."""

    def note(frame: FrameType, event: str, _: object) -> None:
        file = frame.f_code.co_filename
        if event == "call" and file != __file__ and file.startswith(COUNTS_OF_THE_LAB):
            called.append(frame.f_code.co_name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)
