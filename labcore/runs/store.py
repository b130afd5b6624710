"""Every run on disk, there after a restart: spec, events, result and the student's weights.

    HOME/runs/<id>/spec.json            what to do; never changes
                   run.json             status, counts, result; replaced whole
                   events.jsonl         what happened, one JSON object a line; only grows
                   answers.safetensors  its and the teacher's logits on the test split, see labcore.runs.test_logits
                   student/             the best checkpoint as a folder of its own; appears whole or not at all
                   lock                 held by the process that queues or trains the run
    HOME/targets/                       teacher outputs, see labcore.distil.targets

A run whose status says that it is active, while nobody holds its lock, was cut off: it reads as interrupted.

A disk that takes nothing for a while does not end a run: events and status that can't be written wait in memory, in
order, and go to the disk with the next that can. Only `create` and `finish` insist.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from labcore.config.spec import Spec
from labcore.results.counts import Comparison
from labcore.results.events import Event, Finished, event_from_dict, event_to_dict
from labcore.results.run import FinishedRun, Run, Status
from labcore.system.files import add_lines, locked, write_whole
from labcore.system.writable import home_error

PROJECT = Path(__file__).resolve().parents[2]


class RunNotFound(LookupError):
    """No run of this id is in the store."""

    for_people = True  # see labcore.system.faults


def default_home() -> Path:
    """Where runs are kept: the environment's LAB_HOME, or `.lab` in the project."""
    # Not Path's own ways, which raise for a user that is not there and for links that lead in a circle: `home_error`
    # has a sentence for a home that can't be used.
    return Path(os.path.realpath(os.path.expanduser(os.environ.get("LAB_HOME") or PROJECT / ".lab")))


class Store:
    """The runs under one home folder. Reading never needs the writer: any process may look at any run."""

    def __init__(self, home: Path | None = None):
        self.home = home or default_home()
        self.targets = self.home / "targets"
        self._runs = self.home / "runs"
        self._locks: dict[str, FileLock] = {}
        self._ours: dict[str, Run] = {}  # the newest state of each run that this process holds
        self._unwritten: dict[str, Run] = {}  # states that the disk has not taken yet
        self._unwritten_events: dict[str, list[str]] = {}  # lines that it has not taken yet, in order

    # -- writing -----------------------------------------------------------------------------------

    def create(self, spec: Spec) -> str:
        """A new run, queued and held by this process; its id sorts by time. Raises OSError, and leaves nothing then."""
        created = datetime.now(UTC)
        run_id = f"{created:%Y%m%d-%H%M%S}-{created.microsecond:05x}{secrets.token_hex(1)}"
        run = Run(id=run_id, spec=spec, status="queued", created=created.isoformat(timespec="seconds"))
        try:
            self._folder(run_id).mkdir(parents=True)
            lock = FileLock(self._folder(run_id) / "lock", thread_local=False)
            lock.acquire(timeout=0)
            self._locks[run_id] = lock
            write_whole(self._folder(run_id) / "spec.json", spec.to_json(indent=2) + "\n")
            self._write(run)
        except BaseException:
            self.discard(run_id)
            raise
        self._ours[run_id] = run
        return run_id

    def discard(self, run_id: str) -> None:
        """Take back a run that this process created and that never began, with its folder and lock."""
        self._let_go(run_id)
        shutil.rmtree(self._folder(run_id), ignore_errors=True)

    def update(self, run_id: str, status: Status, **changes: Any) -> None:
        """Set a run's status, and counts, result or error; one that is no longer active is let go.

        If the disk does not take it, it waits in memory. Raises RunNotFound for a run that is not there any more.
        """
        run = replace(self.read(run_id), status=status, **changes)
        self._unwritten[run_id] = run
        if run.active:
            self._ours[run_id] = run
        try:
            self.flush(run_id)
        except OSError:
            if self._deleted(run_id):
                self._unwritten.pop(run_id, None)
                raise RunNotFound(f"run {run_id!r} was deleted from {self._runs}") from None
        finally:
            if not run.active:
                self._let_go(run_id)

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
        """Add the last event, and set the status to finished with this result and the counts of the trained student: all of
        it on disk, else raises OSError.

        It may be called again then. Also for a run that is not active any more.
        """
        self.check_folder(run_id)
        if result not in list(self.events(run_id))[-1:]:
            self.append(run_id, result)
        self.flush(run_id)
        run = self.read(run_id).finish(result, counts)
        self._write(run)
        self._let_go(run_id)

    def check_folder(self, run_id: str) -> None:
        """Raise OSError if the run's folder is not there: it was deleted, or the home is out of reach."""
        if not os.path.isdir(self._folder(run_id)):
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), f"{self._folder(run_id)}")

    def flush(self, run_id: str) -> None:
        """Write what waits in memory of this run. Raises OSError if the disk still does not take it."""
        self._flush_events(run_id)
        if (run := self._unwritten.get(run_id)) is not None:
            self._write(run)
            self._unwritten.pop(run_id, None)

    def unwritten(self) -> list[str]:
        """The ids of runs of which something waits in memory for the disk."""
        return list({**self._unwritten, **self._unwritten_events})

    def student_folder(self, run_id: str) -> Path:
        """Where the run's student is, or will be: see labcore.compress.student_folder."""
        return self._folder(run_id) / "student"

    def test_logits_file(self, run_id: str) -> Path:
        """Where the run's answers to the test split are, or will be: see labcore.runs.test_logits."""
        return self._folder(run_id) / "answers.safetensors"

    def _flush_events(self, run_id: str) -> None:
        if lines := self._unwritten_events.get(run_id):
            add_lines(self._folder(run_id) / "events.jsonl", "".join(lines))
            del self._unwritten_events[run_id]

    def _let_go(self, run_id: str) -> None:
        """Hold the run no longer."""
        self._ours.pop(run_id, None)
        if (lock := self._locks.pop(run_id, None)) is not None:
            lock.release()

    def _deleted(self, run_id: str) -> bool:
        """Whether someone deleted the run: its folder is gone, while the folder of all runs is there."""
        return os.path.isdir(self._runs) and not os.path.isdir(self._folder(run_id))

    def _write(self, run: Run) -> None:
        data = {
            "status": run.status,
            "created": run.created,
            "counts": run.counts.to_dict() if run.counts else None,
            "result": run.result.to_json() if isinstance(run, FinishedRun) else None,
            "error": run.error,
            "teacher": run.teacher,
        }
        write_whole(self._folder(run.id) / "run.json", json.dumps(data, indent=1) + "\n")

    # -- reading -----------------------------------------------------------------------------------

    def reachable(self) -> bool:
        """Whether runs can be read: the home is a folder, or nothing hinders that it becomes one."""
        return os.path.isdir(self.home) or home_error(self.home) is None

    def read(self, run_id: str) -> Run:
        """One run. Raises RunNotFound, also for an id that is no run's name (a link may hold anything)."""
        folder = self._folder(run_id)
        if (unwritten := self._unwritten.get(run_id)) is not None:
            return unwritten
        try:
            run = _read(folder)
            if run.active and not self._held(run_id):  # its process may have ended it in between
                again = _read(folder)
                return replace(again, status="interrupted") if again.active else again
            return run
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            ours = self._ours.get(run_id)
            if ours is not None and not self._deleted(run_id):  # the home is out of reach; the run goes on
                return ours
            raise RunNotFound(f"run {run_id!r} can't be read under {self._runs}: {error}") from None

    def runs(self) -> list[Run]:
        """Every run that can be read, newest first; none if the home can't be read, which `home_error` tells of."""
        try:
            names = sorted(os.listdir(self._runs), reverse=True)
        except OSError:
            return []
        found = []
        for name in names:
            try:
                found.append(self.read(name))
            except RunNotFound:  # a folder half-made, or not ours: the others still count
                continue
        return found

    def events(self, run_id: str) -> Iterator[Event]:
        """The run's events so far; a last line that is still being written is left for the next call."""
        waiting = "".join(self._unwritten_events.get(run_id, ()))  # first: it may be written while we read
        try:
            text = (self._folder(run_id) / "events.jsonl").read_text(encoding="utf-8")
        except OSError:
            text = ""
        text = text[: text.rfind("\n") + 1]
        for line in (text if waiting and waiting in text else text + waiting).splitlines():
            yield event_from_dict(json.loads(line))

    def _folder(self, run_id: str) -> Path:
        if not run_id or run_id != Path(run_id).name or run_id.startswith("."):
            raise RunNotFound(f"{run_id!r} is not a run's id")
        return self._runs / run_id

    def _held(self, run_id: str) -> bool:
        """Whether some process, this one or another, holds the run."""
        if run_id in self._locks:
            return True
        path = self._folder(run_id) / "lock"
        lock = FileLock(path, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:  # a read-only home: who trains the run may write to it all the same
            return locked(path)
        lock.release()
        return False


def _read(folder: Path) -> Run:
    """A run as its folder has it. Raises OSError, and what a damaged file leads to."""
    spec = Spec.from_json((folder / "spec.json").read_text(encoding="utf-8"))
    data = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    counts = data["counts"] and Comparison.from_dict(data["counts"])
    run = Run(
        id=folder.name,
        spec=spec,
        status=data["status"],
        created=data["created"],
        counts=counts,
        error=data["error"],
        teacher=data.get("teacher"),
    )
    return run.finish(Finished.from_json(data["result"]), counts) if counts and data["result"] else run
