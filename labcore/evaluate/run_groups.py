"""Every run of the lab in groups: one for each design and teacher, whatever came of it; seeds and reruns together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from labcore.config.spec import Spec
from labcore.evaluate.seed_groups import design_of, with_seed, without_reruns
from labcore.evaluate.significance import over_seeds
from labcore.results.evaluation import SeedMean
from labcore.results.run import FinishedRun, Run, Status, finished_runs

# How much a status says about a group: its runs may differ.
_PRECEDENCE: tuple[Status, ...] = ("running", "queued", "finished", "stopped", "interrupted", "failed")


@dataclass(frozen=True)
class RunGroup:
    """The runs of one design and teacher, newest first; at least one."""

    runs: tuple[Run, ...]

    @property
    def shown(self) -> Run:
        """The run that stands for the group: the newest finished one, else the newest."""
        return next(iter(self.finished), self.runs[0])

    @property
    def spec(self) -> Spec:
        """The spec of its runs, with seed 0."""
        return with_seed(self.shown.spec, 0)

    @property
    def finished(self) -> list[FinishedRun]:
        """The runs that have a result."""
        return finished_runs(self.runs)

    @property
    def status(self) -> Status:
        """What a reader looks for first: a run that is active, else one that finished, else how the newest ended."""
        there = {run.status for run in self.runs}
        return next(status for status in _PRECEDENCE if status in there)

    @property
    def retention(self) -> float | None:
        """The mean over seeds of the student's accuracy over the teacher's; None if no run has finished."""
        return fmean(run.result.retention for run in self.seeds) if self.finished else None

    @property
    def seeds(self) -> list[FinishedRun]:
        """The finished runs, one for each seed: a rerun adds no information."""
        return without_reruns(self.finished)

    @property
    def accuracy(self) -> SeedMean | None:
        """The mean test accuracy over seeds, with its interval; None if no run has finished."""
        return over_seeds([run.result.accuracy for run in self.seeds]) if self.finished else None


def run_groups(runs: Iterable[Run]) -> list[RunGroup]:
    """The runs in groups, the group with the newest run first."""
    groups: dict[object, list[Run]] = {}
    for run in sorted(runs, key=lambda run: (run.created, run.id), reverse=True):
        groups.setdefault(design_of(run), []).append(run)
    return [RunGroup(tuple(group)) for group in groups.values()]


def group_of(run_id: str, groups: Sequence[RunGroup]) -> RunGroup | None:
    """The group that has this run; None if none has it."""
    return next((group for group in groups if any(run.id == run_id for run in group.runs)), None)
