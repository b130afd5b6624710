"""The six stages of the exercise: which are done, which is the current one, and what each of the others waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from labcore.exercise.attempt import Attempt
from labcore.exercise.attempt_results import AttemptResults
from labcore.exercise.own_counts import own_counts_right
from labcore.exercise.rules import config_problem, design_problems, words_missing
from labcore.exercise.signature import mark_of
from labcore.exercise.student_comparisons import SlotComparison
from labcore.results.counts import Comparison

Name = Literal["design", "count", "predict", "run", "choose", "submit"]
NAMES: tuple[Name, ...] = get_args(Name)
WAITS_FOR: dict[Name, str] = {
    "design": "nothing",
    "count": "three students of distinct sizes",
    "predict": "your counts",
    "run": "your prediction",
    "choose": "the three results",
    "submit": "your choice and its reason",
}


@dataclass(frozen=True)
class Stage:
    """A stage and its standing: done, current, or waiting for an earlier one."""

    name: Name
    standing: Literal["done", "current", "waiting"]

    @property
    def number(self) -> int:
        """Its position, from 1."""
        return NAMES.index(self.name) + 1


def ratios(comparisons: Sequence[SlotComparison]) -> list[float | str | None]:
    """Each student's size over the teacher's, in the form that the rules take."""
    return [one.ratio if isinstance(one, Comparison) else one for one in comparisons]


def counts_done(attempt: Attempt, comparisons: Sequence[SlotComparison]) -> bool:
    """Whether the person's own counts of teacher and students are right."""
    return own_counts_right(attempt, mark_of(attempt.id), comparisons)


def stages(
    attempt: Attempt, comparisons: Sequence[SlotComparison], results: AttemptResults | None
) -> tuple[Stage, ...]:
    """All six stages in order. The last one is never done, because you can submit again."""
    done = (
        not design_problems(ratios(comparisons)),
        attempt.shown or counts_done(attempt, comparisons),
        attempt.prediction is not None and not config_problem(attempt),
        attempt.begun is not None and results is not None,
        attempt.choice is not None and not words_missing(attempt.reason),
        False,
    )
    current = done.index(False)
    return tuple(
        Stage(name, "done" if i < current else "current" if i == current else "waiting") for i, name in enumerate(NAMES)
    )
