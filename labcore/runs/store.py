"""Every run: its spec, events and result in the database, its student and logits as files; attempts at the exercise.

    HOME/lab.db                  runs, events, attempts and data sets, see labcore.runs.run_table and labcore.database
    HOME/runs/<id>/              a run's large files and its lock, see labcore.runs.run_files
    HOME/targets/                teacher outputs, see labcore.distil.targets
    HOME/frontier/               measurements and lower anchors, see labcore.runs.frontier_files
    HOME/data/<hash>/            the examples of a data set of your own, see labcore.data.own.data_rows
    HOME/teachers/<id>/          a teacher of your own, see labcore.teacher.own_teachers
    HOME/files/<sha256>          what several of these folders have, once, see labcore.system.hashed_files

A run whose status is active, while nobody holds its lock, was cut off: it reads as interrupted.

A disk that refuses every write for a while does not end a run: events and status that can't be written wait in memory,
in order, and go to the disk with the next that can. Only `create` and `finish` insist.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labcore.config.spec import Spec, SpecError
from labcore.database.schema import ATTEMPTS, JOURNALS
from labcore.owners.owner_table import OwnerTable
from labcore.results.counts import Comparison
from labcore.results.events import Event, Finished
from labcore.results.run import Run, Status
from labcore.runs.entry_table import EntryTable
from labcore.runs.queue_table import QueueTable
from labcore.runs.run_changes import RunChanges
from labcore.runs.run_files import RunNotFound
from labcore.runs.run_rows import line_of
from labcore.runs.stored_runs import WaitingEvents, as_stored
from labcore.system.home import default_home

__all__ = ["RunNotFound", "Store"]


class Store(RunChanges):
    """The runs under one home folder, and what people keep beside them."""

    def __init__(self, home: Path | None = None):
        super().__init__(home or default_home())
        self.targets = self.home / "targets"
        self.queue = QueueTable(self._table.database)
        self.owners = OwnerTable(self._table.database)
        self.attempts = EntryTable(self.home, self._table.database, ATTEMPTS)
        self.journals = EntryTable(self.home, self._table.database, JOURNALS)

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
        self._events |= {run.id: WaitingEvents(0) for run in runs}
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
        waiting = self._events.get(run_id) or WaitingEvents(self._table.next_place(run_id))
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

    def keep_events(self, run_id: str, count: int) -> None:
        """Drop all events of the run after the first `count`. Raises OSError."""
        self._flush(run_id, None)
        self._table.keep_events(run_id, count)
        self._events[run_id] = WaitingEvents(min(count, self._table.next_place(run_id)))

    def _flush(self, run_id: str, state: Run | None) -> None:
        """Write a state, and the events that wait, in one step."""
        waiting = self._events.get(run_id, WaitingEvents(0))
        if waiting.lines or state is not None:
            self._table.write(run_id, state, waiting.first, waiting.lines)
        if waiting.lines:
            self._events[run_id] = WaitingEvents(waiting.next)

    def _release(self, run_id: str) -> None:
        """Hold the run no longer."""
        self._held.pop(run_id, None)
        if (lock := self._locks.pop(run_id, None)) is not None:
            lock.release()
        if not self._locks:
            self._table.database.let_go()


def _queued(spec: Spec, owner: str | None) -> Run:
    """A run with a new id."""
    created = datetime.now(UTC)
    run_id = f"{created:%Y%m%d-%H%M%S}-{created.microsecond:05x}{secrets.token_hex(1)}"
    return Run(id=run_id, spec=spec, status="queued", created=as_stored(created), owner=owner)
