"""Seed groups: the runs of one spec that differ only in their seed, and the same for its baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal, TypeVar

from labcore.config.spec import Spec
from labcore.evaluate.baselines import BASELINES, Baseline, baseline, baselines_of
from labcore.evaluate.provenance import teacher_of, teacher_unchanged
from labcore.evaluate.significance import over_seeds
from labcore.results.evaluation import SeedMean
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

    @property
    def accuracy(self) -> SeedMean | None:
        """The mean test accuracy with its interval; None if no run has finished."""
        return over_seeds(self.accuracies) if self.finished else None

    @property
    def retention(self) -> float | None:
        """The mean over seeds of the student's accuracy over the teacher's; None if no run has finished."""
        return fmean(run.result.retention for run in self.finished) if self.finished else None

    @property
    def agreement(self) -> float | None:
        """The mean over seeds of the agreement with the teacher; None if no run has finished."""
        return fmean(run.result.agreement for run in self.finished) if self.finished else None

    def missing(self, seeds: int) -> list[Spec]:
        """The specs of the seeds below `seeds` that are not finished, running or queued."""
        there = {run.spec.distil.seed for run in self.runs}
        return [with_seed(self.spec, seed) for seed in range(seeds) if seed not in there]


def with_seed(spec: Spec, seed: int) -> Spec:
    """The same spec with another seed, also for its assistants: each training of a chain draws random numbers."""
    assistant = spec.assistant and with_seed(spec.assistant, seed)
    return replace(spec, distil=replace(spec.distil, seed=seed), assistant=assistant)


def design_of(run: Run) -> tuple[Spec, str | None]:
    """What the runs of a seed group share: the spec up to its seed, and the identity of the teacher's files."""
    return with_seed(run.spec, 0), teacher_of(run)[1]


def without_reruns(runs: Sequence[SomeRun]) -> list[SomeRun]:
    """The runs in their order, only the newest of each design and seed: a rerun of a seed adds no information.

    A finished run is kept before one that is not.
    """
    newest: dict[object, SomeRun] = {}
    for run in sorted(runs, key=_age):
        newest[design_of(run), run.spec.distil.seed] = run
    kept = {id(run) for run in newest.values()}
    return [run for run in runs if id(run) in kept]


def seed_group(spec: Spec, runs: Sequence[Run], kind: Kind = "distilled", like: Run | None = None) -> SeedGroup:
    """Those of `runs` that have this spec, whatever their seed: the newest of each seed that finished or is active.

    like: a run with the same teacher; None for the teacher that the spec's name leads to now.
    """
    design, teacher = with_seed(spec, 0), None if like is None else teacher_of(like)
    by_seed: dict[int, Run] = {}
    for run in sorted(runs, key=_age):
        if with_seed(run.spec, 0) != design or not (run.active or isinstance(run, FinishedRun)):
            continue
        if teacher_unchanged(run) if teacher is None else teacher_of(run) == teacher:
            by_seed[run.spec.distil.seed] = run
    return SeedGroup(kind, design, tuple(by_seed[seed] for seed in sorted(by_seed)))


def group_and_baselines(spec: Spec, runs: Sequence[Run], like: Run | None = None) -> tuple[SeedGroup, ...]:
    """The spec's own seed group, and those of its baselines at equal steps that differ from the spec itself.

    like: a run with the same teacher; None for the teacher that the spec's name leads to now.
    """
    baselines = ((kind, baseline(spec, kind)) for kind in baselines_of(spec))
    return (seed_group(spec, runs, like=like), *(seed_group(of, runs, kind, like) for kind, of in baselines))


def _age(run: Run) -> tuple[bool, str, str]:
    """A sort key: finished runs last, of these the newest last; a run's id is finer than the second of `created`."""
    return isinstance(run, FinishedRun), run.created, run.id
