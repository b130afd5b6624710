"""How long a class waits if everyone trains, with one run at a time; and shorter settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labcore.config.spec import Spec
from labcore.results.counts import Comparison
from labcore.results.run import FinishedRun
from labcore.runs.time_estimate import estimate, longest_within

BUDGETS = (10 * 60, 20 * 60, 45 * 60)  # seconds that a class may have for its training, shortest first


@dataclass(frozen=True)
class ClassTime:
    """Settings, the estimated seconds of one run, and those after which the last person has a result."""

    spec: Spec
    one: float
    last: float


def class_time(spec: Spec, counts: Comparison, earlier: Sequence[FinishedRun], runs: int) -> ClassTime:
    """The time of a class that makes `runs` runs in all. Raises ValueError if it makes none."""
    if runs < 1:
        raise ValueError(f"a class of {runs} runs has no time; give at least 1")
    one = estimate(spec, counts, earlier).seconds
    return ClassTime(spec, one, runs * one)


def shorter_settings(
    spec: Spec, counts: Comparison, earlier: Sequence[FinishedRun], runs: int
) -> tuple[ClassTime, ...]:
    """The longest trainings within each of `BUDGETS`, shortest first, if they are shorter than that of `spec`."""
    now = class_time(spec, counts, earlier, runs)
    offers: dict[Spec, ClassTime] = {}
    for budget in BUDGETS:
        if (longest := longest_within(spec, counts, earlier, budget / runs)) and runs * longest[1].seconds < now.last:
            offers.setdefault(longest[0], class_time(longest[0], counts, earlier, runs))
    return tuple(offers.values())
