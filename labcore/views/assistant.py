"""A teacher assistant: small students taught by way of a middle one, beside the same taught straight, in as many steps in sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from labcore.distil.paired import over_seeds
from labcore.judgement import Seeds
from labcore.record import Run
from labcore.runs.recorded import Recording
from labcore.runs.series import Series, series_of
from labcore.spec import Spec
from labcore.views.series import accuracy_in_words, points_in_words
from labcore.views.words import percent, student_in_words


@dataclass(frozen=True)
class Detour:
    """One small student's runs straight from the teacher and by way of an assistant, seeds in the same order."""

    straight: Series
    by_way: Series

    @property
    def gained(self) -> Seeds:
        """Accuracy by way of the assistant less straight, over seeds."""
        pairs = zip(self.by_way.accuracies, self.straight.accuracies, strict=True)
        return over_seeds([by_way - straight for by_way, straight in pairs])


def detours(recording: Recording) -> list[Detour]:
    """The recorded pairs, the smallest student first."""
    chained: dict[Spec, Series] = {}
    for run in recording.runs:
        if run.spec.assistant is not None:
            series = series_of(run.spec, recording.runs)
            chained.setdefault(series.spec, series)
    pairs = [Detour(_straight(series, recording.runs), series) for series in chained.values()]
    return sorted(pairs, key=lambda pair: _ratio(pair.by_way.runs[0]))


def _straight(chain: Series, runs: Sequence[Run]) -> Series:
    alike = next(run for run in runs if run.spec.steps == chain.spec.steps and run.spec.assistant is None)
    return series_of(alike.spec, runs)


def _ratio(run: Run) -> float:
    return run.counts.ratio if run.counts else 0.0


def total_steps(spec: Spec) -> int:
    """Optimiser steps of the whole chain that leads to a spec's student."""
    return sum(each.distil.steps or 0 for each in spec.chain)


def detours_table(pairs: Sequence[Detour]) -> pd.DataFrame:
    """A row for each small student: both ways with their 95 % intervals, the difference, and the steps in sum."""
    return pd.DataFrame(
        [
            {
                "size": percent(_ratio(pair.straight.runs[0]), 1),
                "straight": accuracy_in_words(pair.straight.accuracies),
                "with the assistant": accuracy_in_words(pair.by_way.accuracies),
                "difference": points_in_words(pair.gained),
                "steps": f"{total_steps(pair.straight.spec):,} / {total_steps(pair.by_way.spec):,}",
                "seeds": len(pair.straight.accuracies),
                "student": student_in_words(pair.straight.spec),
                "by way of": student_in_words(pair.by_way.spec.chain[-2]),
            }
            for pair in pairs
        ]
    )


def detours_in_words(pairs: Sequence[Detour]) -> str:
    """Whether the assistant helped: for each student, with its interval."""
    return " ".join(_in_words(pair) for pair in pairs)


def _in_words(pair: Detour) -> str:
    size, gained = percent(_ratio(pair.straight.runs[0])), pair.gained
    half = gained.half or 0.0
    if abs(gained.mean) <= half or gained.half is None:
        verdict = "over these seeds the two ways **can't be told apart**"
    else:
        verdict = f"the assistant **{'helps' if gained.mean > 0 else 'does harm'}**"
    return f"At {size} of the teacher's size {verdict} ({points_in_words(gained)} points)."
