"""Every run: its spec, events and result in the database, its student and logits as files; attempts at the exercise.

    HOME/lab.db                  runs and events, see labcore.runs.run_table and labcore.database
    HOME/runs/<id>/              a run's large files and its lock, see labcore.runs.run_files
    HOME/targets/                teacher outputs, see labcore.distil.targets
    HOME/exercises/<id>.json     an attempt at the exercise, see labcore.runs.attempt_folder
    HOME/data/<hash>/            a data set of your own, see labcore.data.own.data_store
    HOME/teachers/<id>/          a teacher of your own, see labcore.teacher.own_teachers

A run whose status is active, while nobody holds its lock, was cut off: it reads as interrupted.

A disk that refuses every write for a while does not end a run: events and status that can't be written wait in memory,
in order, and go to the disk with the next that can. Only `create` and `finish` insist.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock

from labcore.config.spec import Spec, SpecError
from labcore.evaluate.provenance import teacher_unchanged
from labcore.owners.owner_table import OwnerTable
from labcore.results.counts import Comparison
from labcore.results.events import Event, Finished
from labcore.results.run import FinishedRun, Run, Status
from labcore.runs.attempt_folder import AttemptFolder
from labcore.runs.queue_table import QueueTable
from labcore.runs.run_changes import RunChanges, as_stored
from labcore.runs.run_files import RunNotFound
from labcore.runs.run_rows import event_of, line_of
from labcore.system.home import default_home
from labcore.system.writable import home_error

__all__ = ["RunNotFound", "Store"]


@dataclass(frozen=True)
class _Waiting:
    """Lines of events that the disk has not taken yet, in order; the first has the place `first`."""

    first: int
    lines: tuple[str, ...] = ()

    @property
    def next(self) -> int:
        return self.first + len(self.lines)


class Store(RunChanges):
    """The runs under one home folder. Reading never needs the writer: any process may look at any run."""

    def __init__(self, home: Path | None = None):
        super().__init__(home or default_home())
        self.targets = self.home / "targets"
        self.queue = QueueTable(self._table.database)
        self.owners = OwnerTable(self._table.database)
        self.attempts = AttemptFolder(self.home / "exercises")
        self._locks: dict[str, FileLock] = {}
        self._events: dict[str, _Waiting] = {}  # of each run that this process has added events to

    # -- writing a run -----------------------------------------------------------------------------

    def create(self, spec: Spec, owner: str | None = None) -> str:
        """The id of a new run, queued and held by this process; ids sort by time. owner: whose run it is.

        Raises OSError, and leaves nothing then.
        """
        return self.create_all([spec], owner)[0]

    def create_all(self, specs: Sequence[Spec], owner: str | None = None) -> list[str]:
        """The ids of new runs, as `create`, in order: all of them, or none. Raises OSError, and leaves nothing then."""
        runs = [_queued(spec, owner) for spec in specs]
        try:
            for run in runs:
                self._locks[run.id] = self._folder(run.id).create()
            self._table.add(runs)
        except BaseException:
            for run in runs:
                self._release(run.id)
                self._folder(run.id).remove()
            raise
        self._table.database.keep_open()
        self._held |= {run.id: run for run in runs}
        self._events |= {run.id: _Waiting(0) for run in runs}
        return [run.id for run in runs]

    def discard(self, run_id: str) -> None:
        """Take a run away for good, with its folder. It must neither wait nor train. Raises OSError."""
        self._release(run_id)
        self._forget(run_id)
        self._table.erase(run_id)
        self._folder(run_id).remove()

    def reopen(self, run_id: str) -> Run:
        """Queue a run that ended early once more, held by this process; returns it.

        Raises RunNotFound, SpecError if some process holds it or if it has finished, and OSError.
        """
        self.read(run_id)
        lock = None if run_id in self._locks else self._folder(run_id).hold()
        if lock is None:
            raise SpecError(f"run {run_id} is queued or running already")
        self._locks[run_id] = lock
        if (run := self.read(run_id)).status == "finished":
            self._release(run_id)
            raise SpecError(f"run {run_id} has finished, so there is nothing to resume")
        self._table.database.keep_open()
        self.update(run_id, "queued", error=None)
        return replace(run, status="queued", error=None)

    def update(self, run_id: str, status: Status, **changes: Any) -> None:
        """Set a run's status, and its counts, error or teacher; a run that is no longer active is released.

        If the disk does not take it, it waits in memory. Raises RunNotFound if the run was deleted.
        """
        run = replace(self.read(run_id), status=status, **changes)
        self._unwritten[run_id] = run
        if run.active:
            self._held[run_id] = run
        try:
            self.flush(run_id)
        except OSError:
            if self._deleted(run_id):
                self._forget(run_id)
                raise RunNotFound(f"run {run_id!r} was deleted from {self.home}") from None
        finally:
            if not run.active:
                self._release(run_id)

    def append(self, run_id: str, event: Event) -> None:
        """Add an event at the end of the run's events, whole or not at all.

        If the disk does not take it, it waits in memory. Raises OSError if the run was deleted, or if it is another
        process's and can't be read.
        """
        waiting = self._events.get(run_id) or _Waiting(self._table.next_place(run_id))
        self._events[run_id] = replace(waiting, lines=(*waiting.lines, line_of(event)))
        try:
            self._flush(run_id, None)
        except OSError:
            if self._deleted(run_id):
                self._forget(run_id)
                raise

    def finish(self, run_id: str, result: Finished, counts: Comparison) -> None:
        """Add the result as the last event, and store it with the counts of the trained student: all of it on disk.

        It works for a run that is not active any more, too. Raises OSError if the disk refuses it; then call it again.
        """
        self._folder(run_id).check()
        if result not in list(self.events(run_id))[-1:]:
            self.append(run_id, result)
        self.flush(run_id)
        self._flush(run_id, self.read(run_id).finish(result, counts))
        self._release(run_id)

    def flush(self, run_id: str) -> None:
        """Write what waits in memory of this run. Raises OSError if the disk still does not take it."""
        state = self._unwritten.get(run_id)
        self._flush(run_id, state)
        if self._unwritten.get(run_id) is state:
            self._unwritten.pop(run_id, None)

    def unwritten(self) -> list[str]:
        """The ids of runs of which something waits in memory for the disk."""
        return list({**self._unwritten, **{run_id: None for run_id, waiting in self._events.items() if waiting.lines}})

    # -- reading runs ------------------------------------------------------------------------------

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
        waiting = self._events.get(run_id, _Waiting(0))  # first: it may be written while we read
        try:
            lines = self._table.events(run_id, since)
        except OSError:
            lines = {}
        waits = range(max(since, waiting.first), waiting.next)
        lines = {place: waiting.lines[place - waiting.first] for place in waits} | lines
        yield from (event_of(lines[place]) for place in sorted(lines))

    def keep_events(self, run_id: str, count: int) -> None:
        """Drop all events of the run after the first `count`. Raises OSError."""
        self._flush(run_id, None)
        self._table.keep_events(run_id, count)
        self._events[run_id] = _Waiting(min(count, self._table.next_place(run_id)))

    def _flush(self, run_id: str, state: Run | None) -> None:
        """Write a state, and the events that wait, in one step."""
        waiting = self._events.get(run_id, _Waiting(0))
        if waiting.lines or state is not None:
            self._table.write(run_id, state, waiting.first, waiting.lines)
        if waiting.lines:
            self._events[run_id] = _Waiting(waiting.next)

    def _release(self, run_id: str) -> None:
        """Hold the run no longer."""
        self._held.pop(run_id, None)
        if (lock := self._locks.pop(run_id, None)) is not None:
            lock.release()
        if not self._locks:
            self._table.database.let_go()

    def _forget(self, run_id: str) -> None:
        """Let go what waits of a run that was deleted."""
        self._unwritten.pop(run_id, None)
        self._events.pop(run_id, None)

    def _is_held(self, run_id: str) -> bool:
        """Whether some process, this one or another, holds the run."""
        return run_id in self._locks or self._folder(run_id).held()

    def _deleted(self, run_id: str) -> bool:
        """Whether someone deleted the run: the database is there, without it."""
        try:
            return self._table.read(run_id) is None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False


def _queued(spec: Spec, owner: str | None) -> Run:
    """A run with a new id."""
    created = datetime.now(UTC)
    run_id = f"{created:%Y%m%d-%H%M%S}-{created.microsecond:05x}{secrets.token_hex(1)}"
    return Run(id=run_id, spec=spec, status="queued", created=as_stored(created), owner=owner)
