"""Pruning that goes on while the student learns: little is taken once little is left to spare.

The sparsity rises along a cubic curve, s(t) = s · (1 − (1 − t)³), to its end at 60 % of the lesson; the rest is
for recovery. Zhu and Gupta, 2017, https://arxiv.org/abs/1710.01878, equation 1.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace

from labcore.compress.magnitude_pruning import prune
from labcore.compress.student import Student
from labcore.config.spec import Prune, SpecError, Step
from labcore.config.validation_schedule import RAMP

__all__ = ["RAMP", "prune_gradually", "pruned_at_once", "sparsity_share", "split_off_pruning"]

TIMES = 24  # that it rises


def split_off_pruning(steps: Sequence[Step]) -> tuple[tuple[Step, ...], tuple[Prune, ...]]:
    """The steps before the pruning, and the pruning at their end. Raises SpecError where other steps follow a prune."""
    prunes = tuple(step for step in steps if isinstance(step, Prune))
    before = tuple(steps[: len(steps) - len(prunes)])
    if any(isinstance(step, Prune) for step in before):
        raise SpecError("distil.gradual needs 'prune' as the last step; put it last, or switch gradual pruning off")
    return before, prunes


def sparsity_share(share: float) -> float:
    """The share of the final sparsity when `share` of the lesson is over."""
    return 1 - (1 - min(1.0, share / RAMP)) ** 3


def prune_gradually(student: Student, steps: Sequence[Prune]) -> None:
    """Let these steps happen little by little as the student's lesson goes on; the pattern 2:4 at the ramp's end."""
    if steps:
        student.pruning = _ramp(tuple(steps))
        student.steps = (*student.steps, *steps)


def pruned_at_once(student: Student, steps: Sequence[Prune]) -> Student:
    """A copy of the student, which stays as it is, with these steps done now and whole."""
    copied = replace(
        student,
        model=copy.deepcopy(student.model),
        masks=dict(student.masks),
        zeros=dict(student.zeros),
        energy=dict(student.energy),
        pruning=None,
    )
    for step in steps:
        prune(copied, step)
    return copied


def _ramp(steps: tuple[Prune, ...]) -> Callable[[Student, float], None]:
    due = 0

    def rise(student: Student, share: float) -> None:
        nonlocal due
        if share * TIMES < due * RAMP:
            return
        due = int(share * TIMES / RAMP) + 1
        over = share >= RAMP
        for step in steps:
            if over or step.pattern == "free":
                prune(student, step if over else replace(step, sparsity=step.sparsity * sparsity_share(share)))
        if over:
            student.pruning = None

    return rise
