"""A run as the store hands it out: its spec, its status, and its result once it has finished. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from labcore.config.checks import SpecError, check_text
from labcore.config.spec import Spec
from labcore.results.counts import Comparison
from labcore.results.events import Finished

Status = Literal["queued", "running", "finished", "stopped", "failed", "interrupted"]
ACTIVE: tuple[Status, ...] = ("queued", "running")
MAX_NAME = 40  # characters of the name that somebody gives a run


def checked_name(name: object, of: str = "run") -> str:
    """A name for a run, or for what `of` calls it, without the spaces around it.

    Raises SpecError if it is not text, or has no character or more than MAX_NAME. Raises it also for a character that
    cannot be seen, such as a line break.
    """
    if isinstance(name, str):
        name = name.strip(" ")
    check_text(f"the {of}'s name", name, MAX_NAME)
    assert isinstance(name, str)
    if not name.strip():
        raise SpecError(f"the {of}'s name is empty; give 1 to {MAX_NAME} characters, or reset the name")
    if hidden := next((character for character in name if not character.isprintable()), None):
        raise SpecError(
            f"the {of}'s name holds a character that cannot be seen (U+{ord(hidden):04X}); type the name again "
            "without it"
        )
    return name


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run on disk. `error` is there if it failed. Only a `FinishedRun` has a result.

    created: ISO 8601, UTC. teacher: the identity of its teacher's files, once they were read; see
    labcore.teacher.identity. name: the one that somebody gave it; None if nobody did. machine: that computes it,
    with its device and precision; None before the run has begun, and in runs of an earlier version. note, tags: what
    somebody added to it, see labcore.results.run_notes. owner: whose run it is, see labcore.owners.owner; None if it
    was begun without a browser, or in an earlier version.
    """

    id: str
    spec: Spec
    status: Status
    created: str
    counts: Comparison | None = None
    error: str | None = None
    teacher: str | None = None
    name: str | None = None
    machine: str | None = None
    note: str = ""
    tags: tuple[str, ...] = ()
    owner: str | None = None

    @property
    def active(self) -> bool:
        """Whether it waits or trains."""
        return self.status in ACTIVE

    def finish(self, result: Finished, counts: Comparison) -> FinishedRun:
        """The same run with its result, and the counts of the trained student."""
        return FinishedRun(
            id=self.id,
            spec=self.spec,
            created=self.created,
            counts=counts,
            result=result,
            teacher=self.teacher,
            name=self.name,
            machine=self.machine,
            note=self.note,
            tags=self.tags,
            owner=self.owner,
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
