"""The attempt's students compared in pairs, by their predictions of the same test examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.attempt_results import runs_of
from labcore.results.evaluation import PairedComparison
from labcore.results.run import Run, finished_runs
from labcore.runs.store import Store


@dataclass(frozen=True)
class StudentPair:
    """Two students by their letters, and their comparison, `first` minus `second`."""

    first: str
    second: str
    comparison: PairedComparison


def compare_pairs(attempt: Attempt, runs: Sequence[Run], store: Store) -> list[StudentPair]:
    """Each two students whose logits can be read, by their lowest seed, and over all seeds if there are several."""
    from labcore.runs.paired_comparison import NotComparable, paired_comparison  # imports torch

    finished = finished_runs(runs)
    groups = zip(SLOTS, map(finished_runs, runs_of(attempt, runs)), strict=True)
    first_runs = [(name, min(group, key=lambda run: run.spec.distil.seed)) for name, group in groups if group]
    pairs = []
    for (a, run), (b, other) in combinations(first_runs, 2):
        try:
            pairs.append(StudentPair(a, b, paired_comparison(run, other, finished, store)))
        except NotComparable:
            continue
    return pairs
