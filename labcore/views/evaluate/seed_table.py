"""Seed groups as tables: the student and its baselines, each over its seeds, and the designs of a sweep."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from labcore.evaluate.seed_groups import SeedGroup, seed_group
from labcore.results.evaluation import SeedMean
from labcore.results.run import FinishedRun, Run
from labcore.views.words import design_in_words, percent

KIND_IN_WORDS = {
    "distilled": "distilled from the teacher",
    "no teacher": "no teacher: true labels only",
    "random start": "random start, distilled",
}


def accuracy_in_words(accuracy: SeedMean | None) -> str:
    """A mean over seeds with its 95 % interval, such as `81.2 % ± 0.9`; of one seed without, `–` if there is none."""
    if accuracy is None:
        return "–"
    mean = percent(accuracy.mean, 1)
    return mean if accuracy.half is None else f"{mean} ± {100 * accuracy.half:.1f}"


def points_in_words(gain: SeedMean) -> str:
    """A difference of accuracies in points with its 95 % interval over seeds, such as `+1.2 ± 0.9`."""
    return f"{100 * gain.mean:+.1f}" + (f" ± {100 * gain.half:.1f}" if gain.half is not None else "")


def seed_table(groups: Sequence[SeedGroup]) -> pd.DataFrame:
    """A row for each seed group: test accuracy, retention, and how many seeds are finished and still running."""
    rows = [
        {
            "student": KIND_IN_WORDS[group.kind],
            "test accuracy": accuracy_in_words(group.accuracy),
            "retention": _percent(group.retention),
            "seeds": len(group.finished),
            "on their way": sum(run.active for run in group.runs),
        }
        for group in groups
    ]
    return pd.DataFrame(rows)


def sweep_table(runs: Sequence[Run]) -> pd.DataFrame:
    """A row for each design among finished runs, over its seeds.

    Its columns are size, accuracy, retention, agreement, steps, and the seconds of the longest run.
    """
    groups = {group.spec: group for run in runs if (group := seed_group(run.spec, runs)).finished}
    return pd.DataFrame([_sweep_row(group, group.finished) for group in groups.values()])


def _sweep_row(group: SeedGroup, finished: Sequence[FinishedRun]) -> dict[str, object]:
    counts = finished[0].counts
    return {
        "student": design_in_words(group.spec),
        "size": percent(counts.ratio, 1),
        "non-zero": percent(counts.nonzero_ratio, 1),
        "seeds": len(finished),
        "test accuracy": accuracy_in_words(group.accuracy),
        "retention": _percent(group.retention),
        "agreement": _percent(group.agreement),
        "steps": group.spec.distil.steps,
        "seconds": round(max(run.result.seconds for run in finished)),
    }


def _percent(fraction: float | None) -> str:
    return "–" if fraction is None else percent(fraction, 1)
