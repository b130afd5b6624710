"""Pruning that goes on while the student trains: the fewer weights are left, the fewer each step of it takes.

The sparsity rises along a cubic curve, s(t) = s · (1 − (1 − t)³), to its end at 60 % of training; the rest is
for recovery. Zhu and Gupta, 2017, https://arxiv.org/abs/1710.01878, equation 1.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace

from labcore.compress.steps.magnitude_pruning import prune
from labcore.compress.student import Student
from labcore.config.checks import SpecError
from labcore.config.steps import Prune, Step
from labcore.config.validation_schedule import RAMP

__all__ = ["RAMP", "prune_gradually", "pruned_one_shot", "sparsity_fraction", "split_off_pruning"]

TIMES = 24  # that it rises


def split_off_pruning(steps: Sequence[Step]) -> tuple[tuple[Step, ...], tuple[Prune, ...]]:
    """The steps without the pruning at their end, and that pruning. Rounding may follow it.

    Raises SpecError if other steps follow a prune.
    """
    rounding = tuple(step for step in steps if step.rounds)
    others = steps[: len(steps) - len(rounding)]
    prunes = tuple(step for step in others if isinstance(step, Prune))
    before = tuple(others[: len(others) - len(prunes)])
    if any(isinstance(step, Prune) for step in before):
        raise SpecError("distil.gradual needs 'prune' as the last step; put it last, or switch gradual pruning off")
    return (*before, *rounding), prunes


def sparsity_fraction(progress: float) -> float:
    """The fraction of the final sparsity at `progress`, the fraction of training that is done."""
    return 1 - (1 - min(1.0, progress / RAMP)) ** 3


def prune_gradually(student: Student, steps: Sequence[Prune]) -> None:
    """Let these steps happen little by little while the student trains; the pattern 2:4 at the ramp's end."""
    if steps:
        student.pruning = _Ramp(tuple(steps))
        others = tuple(step for step in student.steps if not step.rounds)
        student.steps = (*others, *steps, *student.steps[len(others) :])


def pruned_one_shot(student: Student, steps: Sequence[Prune]) -> Student:
    """A copy of the student, which stays as it is, with these steps done now and in full."""
    copied = replace(
        student,
        model=copy.deepcopy(student.model),
        masks=dict(student.masks),
        zeros=dict(student.zeros),
        energy=dict(student.energy),
        rounded=copy.deepcopy(student.rounded),
        pruning=None,
    )
    for name, rounded in copied.rounded.items():
        rounded.release(copied.model.get_parameter(name))
    for step in steps:
        prune(step, copied, None)
    copied.round_again()
    return copied


@dataclass
class _Ramp:
    """Prunes a student `TIMES` times up to the ramp's end, and then leaves it. due: the next time."""

    steps: tuple[Prune, ...]
    due: int = 0

    def __call__(self, student: Student, progress: float) -> None:
        if progress * TIMES < self.due * RAMP:
            return
        self.due = int(progress * TIMES / RAMP) + 1
        over = progress >= RAMP
        for step in self.steps:
            if over:
                prune(step, student, None)
            elif step.pattern == "free":
                prune(replace(step, sparsity=step.sparsity * sparsity_fraction(progress)), student, None)
        if over:
            student.pruning = None
