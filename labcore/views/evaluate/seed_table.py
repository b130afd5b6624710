"""An experiment as a table: the student and its baselines, each over its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

import pandas as pd

from labcore.evaluate.seed_groups import SeedGroup, seed_groups
from labcore.evaluate.significance import over_seeds
from labcore.results.evaluation import Seeds
from labcore.results.run import Run
from labcore.views.words import design_in_words, percent

KIND_IN_WORDS = {
    "distilled": "distilled from the teacher",
    "no teacher": "no teacher: true labels only",
    "random start": "random start, distilled",
}


def accuracy_in_words(accuracies: Sequence[float]) -> str:
    """A mean over seeds with its 95 % interval, such as `81.2 % ± 0.9`; of one seed without."""
    if not accuracies:
        return "–"
    seeds = over_seeds(accuracies)
    centre = percent(seeds.mean, 1)
    return centre if seeds.half is None else f"{centre} ± {100 * seeds.half:.1f}"


def points_in_words(gained: Seeds) -> str:
    """A difference of accuracies over seeds in points with its 95 % interval, such as `+1.2 ± 0.9`; of one seed without."""
    return f"{100 * gained.mean:+.1f}" + (f" ± {100 * gained.half:.1f}" if gained.half is not None else "")


def seed_table(experiment: Sequence[SeedGroup]) -> pd.DataFrame:
    """A row for each series: test accuracy, retention, and seeds finished and on their way."""
    rows = [
        {
            "student": KIND_IN_WORDS[series.kind],
            "test accuracy": accuracy_in_words(series.accuracies),
            "retention": _retention(series),
            "seeds": len(series.accuracies),
            "on their way": sum(run.active for run in series.runs),
        }
        for series in experiment
    ]
    return pd.DataFrame(rows)


def sweep_table(runs: Sequence[Run]) -> pd.DataFrame:
    """A row for each design among finished runs, over its seeds: size, accuracy, retention, agreement, steps, the longest run's seconds."""
    rows, seen = [], set()
    for run in runs:
        series = seed_groups(run.spec, runs)
        if series.spec in seen or run.counts is None:
            continue
        seen.add(series.spec)
        rows.append(
            {
                "student": design_in_words(run.spec),
                "size": percent(run.counts.ratio, 1),
                "non-zero": percent(run.counts.nonzero_ratio, 1),
                "seeds": len(series.accuracies),
                "test accuracy": accuracy_in_words(series.accuracies),
                "retention": _retention(series),
                "agreement": percent(mean(run.result.agreement for run in series.finished), 1),
                "steps": run.spec.distil.steps,
                "seconds": round(max(run.result.seconds for run in series.finished)),
            }
        )
    return pd.DataFrame(rows)


def _retention(series: SeedGroup) -> str:
    """The mean over seeds of the student's accuracy over the teacher's."""
    results = [run.result for run in series.finished]
    if not results:
        return "–"
    return percent(mean(result.retention for result in results), 1)
