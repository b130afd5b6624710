"""Every run on disk: its spec, events, result, student and logits; and the attempts at the exercise.

    HOME/runs/<id>/              a run's files, see labcore.runs.run_folder
    HOME/targets/                teacher outputs, see labcore.distil.targets
    HOME/exercises/<id>.json     an attempt at the exercise, see labcore.runs.attempt_folder

A run whose status is active, while nobody holds its lock, was cut off: it reads as interrupted.

A disk that refuses every write for a while does not end a run: events and status that can't be written wait in memory,
in order, and go to the disk with the next that can. Only `create` and `finish` insist.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from labcore.config.spec import Spec
from labcore.evaluate.provenance import teacher_unchanged
from labcore.results.counts import Comparison
from labcore.results.events import Event, Finished, event_to_dict
from labcore.results.run import FinishedRun, Run, Status, finished_runs
from labcore.runs.attempt_folder import AttemptFolder
from labcore.runs.run_folder import RunFolder
from labcore.system.home import default_home
from labcore.system.writable import home_error

if TYPE_CHECKING:  # pages read runs before torch is loaded
    from labcore.compress.student import Student
    from labcore.runs.test_logits import StoredLogits


class RunNotFound(LookupError):
    """No run of this id is in the store."""

    for_people = True  # see labcore.system.faults


class Store:
    """The runs under one home folder. Reading never needs the writer: any process may look at any run."""

    def __init__(self, home: Path | None = None):
        self.home = home or default_home()
        self.targets = self.home / "targets"
        self._runs = self.home / "runs"
        self.attempts = AttemptFolder(self.home / "exercises")
        self._locks: dict[str, FileLock] = {}
        self._held: dict[str, Run] = {}  # the newest state of each run that this process holds
        self._unwritten: dict[str, Run] = {}  # states that the disk has not taken yet
        self._unwritten_events: dict[str, list[str]] = {}  # lines that it has not taken yet, in order

    # -- writing a run -----------------------------------------------------------------------------

    def create(self, spec: Spec) -> str:
        """The id of a new run, queued and held by this process; ids sort by time.

        Raises OSError, and leaves nothing then.
        """
        created = datetime.now(UTC)
        run_id = f"{created:%Y%m%d-%H%M%S}-{created.microsecond:05x}{secrets.token_hex(1)}"
        run = Run(id=run_id, spec=spec, status="queued", created=created.isoformat(timespec="seconds"))
        try:
            self._locks[run_id] = self._folder(run_id).create(spec)
            self._folder(run_id).write(run)
        except BaseException:
            self.discard(run_id)
            raise
        self._held[run_id] = run
        return run_id

    def discard(self, run_id: str) -> None:
        """Take back a run that this process created and that never began, with its folder and lock."""
        self._release(run_id)
        self._folder(run_id).remove()

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
                self._unwritten.pop(run_id, None)
                raise RunNotFound(f"run {run_id!r} was deleted from {self._runs}") from None
        finally:
            if not run.active:
                self._release(run_id)

    def append(self, run_id: str, event: Event) -> None:
        """Add an event at the end of the run's events, as one write of one line.

        If the disk does not take it, it waits in memory. Raises OSError if the run's folder was deleted.
        """
        self._unwritten_events.setdefault(run_id, []).append(json.dumps(event_to_dict(event)) + "\n")
        try:
            self._flush_events(run_id)
        except OSError:
            if self._deleted(run_id):
                del self._unwritten_events[run_id]
                raise

    def finish(self, run_id: str, result: Finished, counts: Comparison) -> None:
        """Add the result as the last event, and store it with the counts of the trained student: all of it on disk.

        It works for a run that is not active any more, too. Raises OSError if the disk refuses it; then call it again.
        """
        self._folder(run_id).check()
        if result not in list(self.events(run_id))[-1:]:
            self.append(run_id, result)
        self.flush(run_id)
        self._folder(run_id).write(self.read(run_id).finish(result, counts))
        self._release(run_id)

    def flush(self, run_id: str) -> None:
        """Write what waits in memory of this run. Raises OSError if the disk still does not take it."""
        self._flush_events(run_id)
        if (run := self._unwritten.get(run_id)) is not None:
            self._folder(run_id).write(run)
            self._unwritten.pop(run_id, None)

    def unwritten(self) -> list[str]:
        """The ids of runs of which something waits in memory for the disk."""
        return list({**self._unwritten, **self._unwritten_events})

    # -- reading runs ------------------------------------------------------------------------------

    def reachable(self) -> bool:
        """Whether runs can be read: the home is a folder, or nothing hinders that it becomes one."""
        return os.path.isdir(self.home) or home_error(self.home) is None

    def read(self, run_id: str) -> Run:
        """One run. Raises RunNotFound, also for an id that is no run's name (a link may hold anything)."""
        folder = self._folder(run_id)
        if (unwritten := self._unwritten.get(run_id)) is not None:
            return unwritten
        try:
            run = folder.read()
            if run.active and not self._is_held(run_id):  # its process may have ended it in between
                again = folder.read()
                return replace(again, status="interrupted") if again.active else again
            return run
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            held = self._held.get(run_id)
            if held is not None and not self._deleted(run_id):  # the home is out of reach; the run goes on
                return held
            raise RunNotFound(f"run {run_id!r} can't be read under {self._runs}: {error}") from None

    def runs(self) -> list[Run]:
        """Every run that can be read, newest first; none if the home can't be read (`home_error` has the reason)."""
        try:
            names = sorted(os.listdir(self._runs), reverse=True)
        except OSError:
            return []
        runs = []
        for name in names:
            try:
                runs.append(self.read(name))
            except RunNotFound:  # a folder half-made, or another program's: the others still count
                continue
        return runs

    def finished_runs(self) -> list[FinishedRun]:
        """Every run that has a result, newest first."""
        return finished_runs(self.runs())

    def find(self, spec: Spec) -> FinishedRun | None:
        """The newest finished run of this spec whose teacher has not changed since; None if there is none."""
        return next((run for run in self.finished_runs() if run.spec == spec and teacher_unchanged(run)), None)

    def events(self, run_id: str, since: int = 0) -> Iterator[Event]:
        """The run's events so far, from index `since` on; an incomplete last line is left for the next call."""
        unwritten = "".join(self._unwritten_events.get(run_id, ()))  # first: it may be written while we read
        yield from self._folder(run_id).events(unwritten, since)

    # -- a run's student and its logits ------------------------------------------------------------

    def has_student(self, run_id: str) -> bool:
        """Whether the run's student is on disk."""
        return self._folder(run_id).has_student()

    def student(self, run_id: str) -> Student:
        """The run's student: its best checkpoint. Raises SpecError if it is missing or damaged."""
        return self._folder(run_id).student()

    def student_version(self, run_id: str) -> str:
        """A hash of the student's files. Raises OSError if there are none."""
        return self._folder(run_id).student_version()

    def student_as_zip(self, run_id: str) -> bytes:
        """The student's files as one zip file. Raises OSError if there are none."""
        return self._folder(run_id).student_as_zip()

    def save_student(self, run_id: str, save: Callable[[Path], object]) -> None:
        """Have `save` write the student to a folder, unless it is there. Raises OSError, or what `save` raises."""
        self._folder(run_id).save_student(save)

    def has_logits(self, run_id: str) -> bool:
        """Whether the run's logits on the test split are on disk."""
        return self._folder(run_id).has_logits()

    def logits(self, run_id: str) -> StoredLogits | None:
        """The run's logits on the test split; None if there are none, or if they are damaged."""
        return self._folder(run_id).logits()

    def logits_version(self, run_id: str) -> str:
        """A hash of the stored logits; empty if there are none."""
        return self._folder(run_id).logits_version()

    def save_logits(self, run_id: str, logits: StoredLogits) -> None:
        """Save the run's logits on the test split, whole or not at all. Raises OSError."""
        self._folder(run_id).save_logits(logits)

    def _folder(self, run_id: str) -> RunFolder:
        if not run_id or run_id != Path(run_id).name or run_id.startswith("."):
            raise RunNotFound(f"{run_id!r} is not a run's id")
        return RunFolder(self._runs / run_id)

    def _flush_events(self, run_id: str) -> None:
        if lines := self._unwritten_events.get(run_id):
            self._folder(run_id).add_events("".join(lines))
            del self._unwritten_events[run_id]

    def _release(self, run_id: str) -> None:
        """Hold the run no longer."""
        self._held.pop(run_id, None)
        if (lock := self._locks.pop(run_id, None)) is not None:
            lock.release()

    def _is_held(self, run_id: str) -> bool:
        """Whether some process, this one or another, holds the run."""
        return run_id in self._locks or self._folder(run_id).held()

    def _deleted(self, run_id: str) -> bool:
        """Whether someone deleted the run: its folder is gone, while the folder of all runs is there."""
        return os.path.isdir(self._runs) and not self._folder(run_id).exists()
