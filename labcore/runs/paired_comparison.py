"""One finished run against another of the same task, and their designs over all their seeds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import torch

from labcore.evaluate.seed_groups import design_of, without_reruns
from labcore.evaluate.significance import Right, grouped, over_seeds, paired
from labcore.results.evaluation import Groups, Pair, PairedComparison
from labcore.results.run import Run, finished_runs
from labcore.runs.store import Store
from labcore.runs.test_logits import StoredLogits, load_test_logits
from labcore.teacher.identity import of_files

Kept = tuple[Path, str]  # a file and the hash of its content


class NotComparable(ValueError):
    """Two runs that did not answer the same sentences, or whose answers can't be read."""


def paired_comparison(first: Run, second: Run, finished: Sequence[Run], store: Store) -> PairedComparison:
    """The two runs, and the seeds of their designs among those `finished`. Raises NotComparable."""
    answered = [run for run in finished if store.test_logits_file(run.id).is_file()]
    ours, theirs = seeds_of(first, answered), seeds_of(second, answered)
    several = design_of(first) != design_of(second) and len(ours) + len(theirs) > 2
    return PairedComparison(
        pair=_pair(*_known((store.test_logits_file(first.id), store.test_logits_file(second.id)))),
        first=over_seeds([run.result.accuracy for run in finished_runs(ours)]),
        second=over_seeds([run.result.accuracy for run in finished_runs(theirs)]),
        groups=_groups(_known(_files(ours, store)), _known(_files(theirs, store))) if several else None,
    )


def seeds_of(run: Run, finished: Sequence[Run]) -> list[Run]:
    """The finished runs of a run's design and teacher, itself first, each seed once: a repeated one says nothing new."""
    others = [other for other in without_reruns(finished) if design_of(other) == design_of(run)]
    return [run, *(other for other in others if other.spec.distil.seed != run.spec.distil.seed)]


def _files(runs: Sequence[Run], store: Store) -> tuple[Path, ...]:
    return tuple(store.test_logits_file(run.id) for run in runs)


def _known(files: tuple[Path, ...]) -> tuple[Kept, ...]:
    """The files with the hashes of what is in them now; an empty one if it is gone."""
    return tuple((file, of_files([file]) if file.is_file() else "") for file in files)


@lru_cache(maxsize=64)
def _pair(first: Kept, second: Kept) -> Pair:
    ours, theirs = _right((first[0], second[0]))
    return paired(ours, theirs)


@lru_cache(maxsize=64)
def _groups(first: tuple[Kept, ...], second: tuple[Kept, ...]) -> Groups:
    right = _right([file for file, _ in (*first, *second)])
    return grouped(right[: len(first)], right[len(first) :])


def _right(files: Sequence[Path]) -> list[Right]:
    """Whether each run answered each sentence rightly; all of the same sentences."""
    found = [_answers(file) for file in files]
    if any(not torch.equal(one.labels, found[0].labels) for one in found):
        raise NotComparable(
            "the two runs were judged on different test sentences; compare runs of one version of the lab"
        )
    return [(one.student.argmax(-1) == one.labels).numpy() for one in found]


def _answers(file: Path) -> StoredLogits:
    answers = load_test_logits(file)
    if answers is None:
        raise NotComparable(f"run {file.parent.name} kept no answers that can be read; run its settings again")
    return answers
