"""The six stages of the exercise: which are done, which is at hand, and what each of the others waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from labcore.exercise.attempt import Attempt
from labcore.exercise.attempt_results import Figures
from labcore.exercise.rules import config_problem, count_right, design_problems, words_missing
from labcore.results.record import Comparison

Name = Literal["design", "count", "predict", "run", "choose", "hand in"]
NAMES: tuple[Name, ...] = get_args(Name)
WAITS_FOR: dict[Name, str] = {
    "design": "nothing",
    "count": "three students of distinct sizes",
    "predict": "your counts",
    "run": "your prediction",
    "choose": "the three results",
    "hand in": "your choice and its reason",
}


@dataclass(frozen=True)
class Stage:
    """A stage and where it stands: done, at hand, or waiting for what comes before."""

    name: Name
    standing: Literal["done", "at hand", "waiting"]

    @property
    def number(self) -> int:
        """Its place, from 1."""
        return NAMES.index(self.name) + 1


def ratios(comparisons: Sequence[Comparison | str | None]) -> list[float | str | None]:
    """Each student's size over the teacher's, as the rules take it."""
    return [one.ratio if isinstance(one, Comparison) else one for one in comparisons]


def counts_done(attempt: Attempt, comparisons: Sequence[Comparison | str | None]) -> bool:
    """Whether the person's own counts of teacher and students are right."""
    known = [one for one in comparisons if isinstance(one, Comparison)]
    if len(known) < len(attempt.slots):
        return False
    pairs = [
        (attempt.teacher_count, known[0].teacher.total),
        *((s.count, one.student.total) for s, one in zip(attempt.slots, known, strict=True)),
    ]
    return all(given is not None and count_right(given, right) for given, right in pairs)


def stages(
    attempt: Attempt, comparisons: Sequence[Comparison | str | None], found: Figures | None
) -> tuple[Stage, ...]:
    """All six stages in order. Handing in is never done: it can be done again."""
    done = (
        not design_problems(ratios(comparisons)),
        attempt.shown or counts_done(attempt, comparisons),
        attempt.prediction is not None and not config_problem(attempt),
        attempt.begun is not None and found is not None,
        attempt.choice is not None and not words_missing(attempt.reason),
        False,
    )
    current = done.index(False)
    return tuple(
        Stage(name, "done" if i < current else "at hand" if i == current else "waiting") for i, name in enumerate(NAMES)
    )
