"""One experiment: a design with its seeds, beside its baselines with theirs. A run belongs to it by its spec alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from labcore.config.spec import Spec
from labcore.evaluate.baselines import BASELINES, Baseline, baseline, baselines_of
from labcore.evaluate.provenance import teacher_of, teacher_unchanged
from labcore.results.run import FinishedRun, Run, finished_runs

Kind = Literal["distilled"] | Baseline
SomeRun = TypeVar("SomeRun", bound=Run)
KINDS: tuple[Kind, ...] = ("distilled", *BASELINES)


@dataclass(frozen=True)
class SeedGroup:
    """Runs of one spec up to its seed, one for each seed; `spec` has seed 0."""

    kind: Kind
    spec: Spec
    runs: tuple[Run, ...]

    @property
    def finished(self) -> list[FinishedRun]:
        """The runs that have a result."""
        return finished_runs(self.runs)

    @property
    def accuracies(self) -> list[float]:
        """Test accuracies of the finished runs."""
        return [run.result.accuracy for run in self.finished]

    def missing(self, seeds: int) -> list[Spec]:
        """The specs of the seeds below `seeds` that are not finished, running or queued."""
        there = {run.spec.distil.seed for run in self.runs}
        return [with_seed(self.spec, seed) for seed in range(seeds) if seed not in there]


def with_seed(spec: Spec, seed: int) -> Spec:
    """The same spec with another seed, its assistants' too: chance enters each lesson of a chain."""
    assistant = spec.assistant and with_seed(spec.assistant, seed)
    return replace(spec, distil=replace(spec.distil, seed=seed), assistant=assistant)


def design_of(run: Run) -> tuple[Spec, str | None]:
    """What a run's replicates have in common: the spec up to its seed, and the identity of the teacher that its name led to."""
    return with_seed(run.spec, 0), teacher_of(run)[1]


def without_reruns(runs: Sequence[SomeRun]) -> list[SomeRun]:
    """The runs in their order, of each design and seed the newest alone: a seed that ran again says nothing new of chance.

    One that has finished goes before one that has not.
    """
    newest: dict[object, SomeRun] = {}
    for run in sorted(runs, key=_when):
        newest[design_of(run), run.spec.distil.seed] = run
    kept = {id(run) for run in newest.values()}
    return [run for run in runs if id(run) in kept]


def seed_groups(spec: Spec, runs: Sequence[Run], kind: Kind = "distilled", like: Run | None = None) -> SeedGroup:
    """Of `runs` those of this spec, whatever their seed: the newest of each seed that finished or is on its way.

    like: a run whose teacher they have; None for the teacher that the spec's name leads to now.
    """
    design, teacher = with_seed(spec, 0), None if like is None else teacher_of(like)
    by_seed: dict[int, Run] = {}
    for run in sorted(runs, key=_when):
        if with_seed(run.spec, 0) != design or not (run.active or isinstance(run, FinishedRun)):
            continue
        if teacher_unchanged(run) if teacher is None else teacher_of(run) == teacher:
            by_seed[run.spec.distil.seed] = run
    return SeedGroup(kind, design, tuple(by_seed[seed] for seed in sorted(by_seed)))


def seed_group_of(spec: Spec, runs: Sequence[Run], like: Run | None = None) -> tuple[SeedGroup, ...]:
    """The spec's own series, and at equal steps those of its baselines that are other runs than its own.

    like: a run whose teacher they have; None for the teacher that the spec's name leads to now.
    """
    made: list[tuple[Kind, Spec]] = [
        ("distilled", spec),
        *((kind, baseline(spec, kind)) for kind in baselines_of(spec)),
    ]
    return tuple(seed_groups(of, runs, kind, like) for kind, of in made)


def _when(run: Run) -> tuple[bool, str, str]:
    """Finished ones last, of these the newest; a run's id is finer than the second of `created`."""
    return isinstance(run, FinishedRun), run.created, run.id
