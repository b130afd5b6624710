"""One finished run against another of the same task, and their designs over all their seeds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch

from labcore.evaluate.seed_groups import design_of, without_reruns
from labcore.evaluate.significance import Right, grouped, over_seeds, paired
from labcore.results.evaluation import MeanDifference, Pair, PairedComparison
from labcore.results.run import FinishedRun
from labcore.runs.store import Store
from labcore.runs.test_logits import StoredLogits

LogitsKey = tuple[str, str]  # a run's id, and the version of its logits


class NotComparable(ValueError):
    """Two runs with different test examples, or with logits that can't be read."""


def paired_comparison(
    first: FinishedRun, second: FinishedRun, finished: Sequence[FinishedRun], store: Store
) -> PairedComparison:
    """The two runs, and the seeds of their designs among those `finished`. Raises NotComparable."""
    comparable = [run for run in finished if store.has_logits(run.id)]
    firsts, seconds = seeds_of(first, comparable), seeds_of(second, comparable)
    several = design_of(first) != design_of(second) and len(firsts) + len(seconds) > 2
    return PairedComparison(
        pair=_pair(store, *_keys([first, second], store)),
        first=over_seeds([run.result.accuracy for run in firsts]),
        second=over_seeds([run.result.accuracy for run in seconds]),
        mean_difference=_mean_difference(store, _keys(firsts, store), _keys(seconds, store)) if several else None,
    )


def seeds_of(run: FinishedRun, finished: Sequence[FinishedRun]) -> list[FinishedRun]:
    """The finished runs of a run's design and teacher, itself first, one for each seed: a rerun adds no information."""
    others = [other for other in without_reruns(finished) if design_of(other) == design_of(run)]
    return [run, *(other for other in others if other.spec.distil.seed != run.spec.distil.seed)]


def _keys(runs: Sequence[FinishedRun], store: Store) -> tuple[LogitsKey, ...]:
    return tuple((run.id, store.logits_version(run.id)) for run in runs)


@lru_cache(maxsize=64)
def _pair(store: Store, first: LogitsKey, second: LogitsKey) -> Pair:
    right_of_first, right_of_second = _right(store, [first, second])
    return paired(right_of_first, right_of_second)


@lru_cache(maxsize=64)
def _mean_difference(store: Store, firsts: tuple[LogitsKey, ...], seconds: tuple[LogitsKey, ...]) -> MeanDifference:
    right = _right(store, [*firsts, *seconds])
    return grouped(right[: len(firsts)], right[len(firsts) :])


def _right(store: Store, keys: Sequence[LogitsKey]) -> list[Right]:
    """For each run, which examples its student predicts correctly.

    Raises NotComparable unless all have the same examples.
    """
    logits = [_logits(store, run_id) for run_id, _ in keys]
    if any(not torch.equal(each.labels, logits[0].labels) for each in logits):
        raise NotComparable(
            "the two runs were evaluated on different test examples; compare runs of one version of the lab"
        )
    return [(each.student.argmax(-1) == each.labels).numpy() for each in logits]


def _logits(store: Store, run_id: str) -> StoredLogits:
    logits = store.logits(run_id)
    if logits is None:
        raise NotComparable(f"run {run_id} has no logits that can be read; run its settings again")
    return logits
