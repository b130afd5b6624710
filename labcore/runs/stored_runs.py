"""Runs as they are stored: in the database, and as far as the disk has not taken them, in this process's memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock

from labcore.config.spec import Spec
from labcore.evaluate.provenance import teacher_unchanged
from labcore.results.events import Event
from labcore.results.run import FinishedRun, Run
from labcore.runs.run_files import RunFiles, RunNotFound
from labcore.runs.run_rows import event_of
from labcore.runs.run_table import RunTable
from labcore.system.writable import home_error


@dataclass(frozen=True)
class WaitingEvents:
    """Lines of events that the disk has not taken yet, in order; the first has the place `first`."""

    first: int
    lines: tuple[str, ...] = ()

    @property
    def next(self) -> int:
        """The place after the last."""
        return self.first + len(self.lines)


class StoredRuns(RunFiles):
    """The part of the store that changes nothing. Reading never needs the writer: any process may look at any run."""

    def __init__(self, home: Path):
        super().__init__(home)
        self._table = RunTable(home)
        self._locks: dict[str, FileLock] = {}  # of each run that this process holds
        self._held: dict[str, Run] = {}  # their newest states
        self._unwritten: dict[str, Run] = {}  # states that the disk has not taken yet
        self._events: dict[str, WaitingEvents] = {}  # of each run that this process has added events to

    def fault(self) -> OSError | None:
        """Why runs can't be kept or read here: the home can't be used, or its database. None if they can."""
        return home_error(self.home) or self._table.database.fault()

    def reachable(self) -> bool:
        """Whether runs can be read: the home is a folder, or nothing hinders that it becomes one."""
        there = os.path.isdir(self.home) or home_error(self.home) is None
        return there and self._table.database.fault() is None

    def read(self, run_id: str) -> Run:
        """One run. Raises RunNotFound, also for an id that is no run's name (a link may hold anything)."""
        self._folder(run_id)
        if (unwritten := self._unwritten.get(run_id)) is not None:
            return unwritten
        try:
            run = self._table.read(run_id)
            if run is not None and run.active and not self._is_held(run_id):
                run = self._table.read(run_id)  # its process may have ended it in between
                run = replace(run, status="interrupted") if run is not None and run.active else run
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            if (held := self._held.get(run_id)) is not None:  # the home is out of reach; the run goes on
                return held
            raise RunNotFound(f"run {run_id!r} can't be read under {self.home}: {error}") from None
        if run is None:
            raise RunNotFound(f"run {run_id!r} is not in the lab's database under {self.home}")
        return run

    def runs(self) -> list[Run]:
        """Every run that can be read, newest first; none if the home can't be read (`fault` has the reason)."""
        try:
            runs = self._table.all()
        except OSError:
            return []
        uncertain = {run.id for run in runs if run.active or run.id in self._unwritten}
        return [self.read(run.id) if run.id in uncertain else run for run in runs]

    def ids(self) -> frozenset[str]:
        """The ids of all runs whose files are needed: damaged ones too, and those deleted within the last day.

        Raises OSError if there is no database, or if it can't be read.
        """
        return self._table.ids(as_stored(datetime.now(UTC) - timedelta(days=1)))

    def finished_runs(self) -> list[FinishedRun]:
        """Every run that has a result, newest first."""
        try:
            return self._table.finished()
        except OSError:
            return []

    def find(self, spec: Spec) -> FinishedRun | None:
        """The newest finished run of this spec whose teacher has not changed since; None if there is none."""
        try:
            runs = self._table.finished_of(spec)
        except OSError:
            return None
        return next((run for run in runs if teacher_unchanged(run)), None)

    def events(self, run_id: str, since: int = 0) -> Iterator[Event]:
        """The run's events so far, from index `since` on."""
        waiting = self._events.get(run_id, WaitingEvents(0))  # first: it may be written while we read
        try:
            lines = self._table.events(run_id, since)
        except OSError:
            lines = {}
        waits = range(max(since, waiting.first), waiting.next)
        lines = {place: waiting.lines[place - waiting.first] for place in waits} | lines
        yield from (event_of(lines[place]) for place in sorted(lines))

    def _is_held(self, run_id: str) -> bool:
        """Whether some process, this one or another, holds the run."""
        return run_id in self._locks or self._folder(run_id).held()

    def _deleted(self, run_id: str) -> bool:
        """Whether someone deleted the run: the database is there, without it."""
        try:
            return self._table.read(run_id) is None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False


def as_stored(moment: datetime) -> str:
    """A time as the database has it."""
    return moment.isoformat(timespec="seconds")
