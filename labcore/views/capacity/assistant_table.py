"""A teacher assistant: small students taught by way of a middle one, beside the same taught straight, in as many steps in sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from labcore.config.spec import Spec
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.seed_groups import SeedGroup, seed_groups
from labcore.evaluate.significance import over_seeds
from labcore.results.evaluation import Seeds
from labcore.results.run import Run
from labcore.views.evaluate.seed_table import accuracy_in_words, points_in_words
from labcore.views.words import percent, student_in_words


@dataclass(frozen=True)
class AssistantComparison:
    """One small student's runs straight from the teacher and by way of an assistant, seeds in the same order."""

    straight: SeedGroup
    by_way: SeedGroup

    @property
    def gained(self) -> Seeds:
        """Accuracy by way of the assistant less straight, over seeds."""
        pairs = zip(self.by_way.accuracies, self.straight.accuracies, strict=True)
        return over_seeds([by_way - straight for by_way, straight in pairs])


def assistant_comparisons(recording: ReferenceResults) -> list[AssistantComparison]:
    """The recorded pairs, the smallest student first."""
    chained: dict[Spec, SeedGroup] = {}
    for run in recording.runs:
        if run.spec.assistant is not None:
            series = seed_groups(run.spec, recording.runs)
            chained.setdefault(series.spec, series)
    pairs = [AssistantComparison(_straight(series, recording.runs), series) for series in chained.values()]
    return sorted(pairs, key=lambda pair: _ratio(pair.by_way.runs[0]))


def _straight(chain: SeedGroup, runs: Sequence[Run]) -> SeedGroup:
    alike = next(run for run in runs if run.spec.steps == chain.spec.steps and run.spec.assistant is None)
    return seed_groups(alike.spec, runs)


def _ratio(run: Run) -> float:
    return run.counts.ratio if run.counts else 0.0


def total_steps(spec: Spec) -> int:
    """Optimiser steps of the whole chain that leads to a spec's student."""
    return sum(each.distil.steps or 0 for each in spec.chain)


def assistant_table(pairs: Sequence[AssistantComparison]) -> pd.DataFrame:
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


def assistant_in_words(pairs: Sequence[AssistantComparison]) -> str:
    """Whether the assistant helped: for each student, with its interval."""
    return " ".join(_in_words(pair) for pair in pairs)


def _in_words(pair: AssistantComparison) -> str:
    size, gained = percent(_ratio(pair.straight.runs[0])), pair.gained
    half = gained.half or 0.0
    if abs(gained.mean) <= half or gained.half is None:
        verdict = "over these seeds the two ways **can't be told apart**"
    else:
        verdict = f"the assistant **{'helps' if gained.mean > 0 else 'does harm'}**"
    return f"At {size} of the teacher's size {verdict} ({points_in_words(gained)} points)."
