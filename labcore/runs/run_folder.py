"""The folder of one run: the names of its files, and how they are read and written. No locks, nothing in memory.

HOME/runs/<id>/spec.json            its spec; never changes
               run.json             status, counts, result; replaced whole
               events.jsonl         its events, one JSON object a line; only grows
               `answers.safetensors` the student's and the teacher's logits, see labcore.runs.test_logits
               student/             the best checkpoint as a folder of its own; appears whole or not at all
               lock                 held by the process that queues or trains the run
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from labcore.config.json_data import parsed
from labcore.config.spec import Spec
from labcore.results.counts import Comparison
from labcore.results.events import Event, Finished, event_from_dict
from labcore.results.run import FinishedRun, Run
from labcore.system.files import add_lines, locked, packed, write_whole
from labcore.teacher.identity import of_files

if TYPE_CHECKING:  # pages read runs before torch is loaded
    from labcore.compress.student import Student
    from labcore.runs.test_logits import StoredLogits


class RunFolder:
    """A run's files. Each method that reads or writes raises OSError if the disk refuses it."""

    def __init__(self, path: Path):
        self.path = path
        self._events = path / "events.jsonl"
        self._logits = path / "answers.safetensors"
        self._student = path / "student"

    # -- the folder itself -------------------------------------------------------------------------

    def exists(self) -> bool:
        """Whether the folder is there."""
        return os.path.isdir(self.path)

    def check(self) -> None:
        """Raises OSError if the folder is not there: it was deleted, or the home is out of reach."""
        if not self.exists():
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), f"{self.path}")

    def create(self, spec: Spec) -> FileLock:
        """Make the folder with its spec, and return its lock, held by this process."""
        self.path.mkdir(parents=True)
        lock = self._lock()
        lock.acquire(timeout=0)
        write_whole(self.path / "spec.json", spec.to_json(indent=2) + "\n")
        return lock

    def remove(self) -> None:
        """Delete the folder with all that is in it, as far as the disk allows it."""
        shutil.rmtree(self.path, ignore_errors=True)

    def held(self) -> bool:
        """Whether a process holds the lock; not for a lock that this process holds itself."""
        lock = self._lock()
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:  # a read-only home: the process that trains the run may write to it all the same
            return locked(self.path / "lock")
        lock.release()
        return False

    def _lock(self) -> FileLock:
        return FileLock(self.path / "lock", thread_local=False)

    # -- status and events -------------------------------------------------------------------------

    def write(self, run: Run) -> None:
        """Replace the run's status, counts and result."""
        data = {
            "status": run.status,
            "created": run.created,
            "counts": run.counts.to_dict() if run.counts else None,
            "result": run.result.to_json() if isinstance(run, FinishedRun) else None,
            "error": run.error,
            "teacher": run.teacher,
        }
        write_whole(self.path / "run.json", json.dumps(data, indent=1) + "\n")

    def read(self) -> Run:
        """The run as the folder has it.

        Raises OSError, or the errors of damaged files: ValueError, KeyError, TypeError.
        """
        spec = Spec.from_json((self.path / "spec.json").read_text(encoding="utf-8"))
        data = parsed((self.path / "run.json").read_text(encoding="utf-8"), "run.json", finite=False)
        counts = data["counts"] and Comparison.from_dict(data["counts"])
        run = Run(
            id=self.path.name,
            spec=spec,
            status=data["status"],
            created=data["created"],
            counts=counts,
            error=data["error"],
            teacher=data.get("teacher"),
        )
        return run.finish(Finished.from_json(data["result"]), counts) if counts and data["result"] else run

    def add_events(self, lines: str) -> None:
        """Add lines of JSON to the events: all of them, or none."""
        add_lines(self._events, lines)

    def events(self, unwritten: str = "", since: int = 0) -> Iterator[Event]:
        """The events from index `since` on, with the lines that wait in memory; an incomplete last line is left out."""
        try:
            text = self._events.read_text(encoding="utf-8")
        except OSError:
            text = ""
        text = text[: text.rfind("\n") + 1]
        lines = (text if unwritten and unwritten in text else text + unwritten).splitlines()
        for line in lines[since:]:
            yield event_from_dict(parsed(line, "an event", finite=False))

    # -- the student and its logits ----------------------------------------------------------------

    def has_student(self) -> bool:
        """Whether the student was saved, and is still there."""
        return self._student.is_dir()

    def student(self) -> Student:
        """The saved student. Raises SpecError if it is missing or damaged."""
        from labcore.compress.student_folder import load_student

        return load_student(self._student)

    def student_version(self) -> str:
        """A hash of the saved student's files: its `structure.json` has the hashes of all others."""
        from labcore.teacher.location import STRUCTURE  # imports the hub's client, which takes a while

        return of_files([self._student / STRUCTURE])

    def student_as_zip(self) -> bytes:
        """The saved student as a zip file."""
        return packed(self._student)

    def save_student(self, save: Callable[[Path], object]) -> None:
        """Call `save` with the student's folder, unless an earlier call wrote it; it appears whole or not at all."""
        if not self.has_student():
            self.check()
            save(self._student)

    def has_logits(self) -> bool:
        """Whether the logits on the test split were saved, and are still there."""
        return self._logits.is_file()

    def logits(self) -> StoredLogits | None:
        """The saved logits; None if there are none, or if they are damaged."""
        from labcore.runs.test_logits import StoredLogits

        return StoredLogits.from_bytes(self._logits.read_bytes()) if self.has_logits() else None

    def logits_version(self) -> str:
        """A hash of the saved logits; empty if there are none."""
        return of_files([self._logits]) if self.has_logits() else ""

    def save_logits(self, logits: StoredLogits) -> None:
        """Save the logits on the test split, whole or not at all."""
        write_whole(self._logits, logits.to_bytes())
