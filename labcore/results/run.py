"""A run as the store hands it out: its spec, its status, and its result once it has finished. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from labcore.config.spec import Spec
from labcore.results.counts import Comparison
from labcore.results.events import Finished

Status = Literal["queued", "running", "finished", "stopped", "failed", "interrupted"]
ACTIVE: tuple[Status, ...] = ("queued", "running")


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run on disk. `error` is there if it failed. Only a `FinishedRun` has a result.

    created: ISO 8601, UTC. teacher: the identity of its teacher's files, once they were read; see
    labcore.teacher.identity.
    """

    id: str
    spec: Spec
    status: Status
    created: str
    counts: Comparison | None = None
    error: str | None = None
    teacher: str | None = None

    @property
    def active(self) -> bool:
        """Whether it waits or trains."""
        return self.status in ACTIVE

    def finish(self, result: Finished, counts: Comparison) -> FinishedRun:
        """The same run with its result, and the counts of the trained student."""
        return FinishedRun(
            id=self.id, spec=self.spec, created=self.created, counts=counts, result=result, teacher=self.teacher
        )


@dataclass(frozen=True, kw_only=True)
class FinishedRun(Run):
    """A run with its result, and the counts of the trained student."""

    status: Status = "finished"
    counts: Comparison
    result: Finished


def finished_runs(runs: Iterable[Run]) -> list[FinishedRun]:
    """Those of the runs that have a result, in their order."""
    return [run for run in runs if isinstance(run, FinishedRun)]
