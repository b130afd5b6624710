"""One finished run against another of the same task, and their designs over all their seeds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import torch

from labcore.distil.paired import Right, grouped, over_seeds, paired
from labcore.judgement import Contest, Groups, Pair
from labcore.record import Run
from labcore.runs.answers import Answers, load_answers
from labcore.runs.series import with_seed
from labcore.runs.store import Store


class NotComparable(ValueError):
    """Two runs that did not answer the same sentences, or whose answers can't be read."""


def contest(first: Run, second: Run, finished: Sequence[Run], store: Store) -> Contest:
    """The two runs, and the seeds of their designs among those `finished`. Raises NotComparable."""
    answered = [run for run in finished if store.answers_file(run.id).is_file()]
    ours, theirs = seeds_of(first, answered), seeds_of(second, answered)
    several = with_seed(first.spec, 0) != with_seed(second.spec, 0) and len(ours) + len(theirs) > 2
    return Contest(
        pair=_pair(store.answers_file(first.id), store.answers_file(second.id)),
        first=over_seeds([run.result.student["accuracy"] for run in ours if run.result]),
        second=over_seeds([run.result.student["accuracy"] for run in theirs if run.result]),
        groups=_groups(_files(ours, store), _files(theirs, store)) if several else None,
    )


def seeds_of(run: Run, finished: Sequence[Run]) -> list[Run]:
    """The finished runs of a run's design, itself first, each seed once: a repeated one says nothing new."""
    found = {run.spec.distil.seed: run}
    for other in finished:
        if with_seed(other.spec, 0) == with_seed(run.spec, 0):
            found.setdefault(other.spec.distil.seed, other)
    return list(found.values())


def _files(runs: Sequence[Run], store: Store) -> tuple[Path, ...]:
    return tuple(store.answers_file(run.id) for run in runs)


@lru_cache(maxsize=64)
def _pair(first: Path, second: Path) -> Pair:
    ours, theirs = _right((first, second))
    return paired(ours, theirs)


@lru_cache(maxsize=64)
def _groups(first: tuple[Path, ...], second: tuple[Path, ...]) -> Groups:
    right = _right((*first, *second))
    return grouped(right[: len(first)], right[len(first) :])


def _right(files: Sequence[Path]) -> list[Right]:
    """Whether each run answered each sentence rightly; all of the same sentences."""
    found = [_answers(file) for file in files]
    if any(not torch.equal(one.labels, found[0].labels) for one in found):
        raise NotComparable(
            "the two runs were judged on different test sentences; compare runs of one version of the lab"
        )
    return [(one.student.argmax(-1) == one.labels).numpy() for one in found]


def _answers(file: Path) -> Answers:
    answers = load_answers(file)
    if answers is None:
        raise NotComparable(f"run {file.parent.name} kept no answers that can be read; run its settings again")
    return answers
