"""The folder of one run: the large files that stand beside the database, and who holds the run.

HOME/runs/<id>/`answers.safetensors` the student's and the teacher's logits, see labcore.runs.test_logits
               student/              the best checkpoint as a folder of its own; appears whole or not at all
               checkpoint.safetensors  the training half-way, see labcore.runs.run_checkpoint; absent after its end
               lock                  held by the process that queues or trains the run

Student and logits are links to files that are named by their hash, see labcore.system.hashed_files.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from labcore.system.files import locked, packed, write_whole
from labcore.system.hashed_files import remove_unused, share
from labcore.teacher.identity import of_files

if TYPE_CHECKING:  # pages read runs before torch is loaded
    from labcore.compress.student import Student
    from labcore.runs.test_logits import StoredLogits


class RunFolder:
    """A run's files. Each method that reads or writes raises OSError if the disk refuses it."""

    def __init__(self, path: Path):
        self.path, self._home = path, path.parents[1]
        self._logits = path / "answers.safetensors"
        self._student = path / "student"
        self._checkpoint = path / "checkpoint.safetensors"

    # -- the folder itself -------------------------------------------------------------------------

    def exists(self) -> bool:
        """Whether the folder is there."""
        return os.path.isdir(self.path)

    def check(self) -> None:
        """Raises OSError if the folder is not there: it was deleted, or the home is out of reach."""
        if not self.exists():
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), f"{self.path}")

    def create(self) -> FileLock:
        """Make the folder, and return its lock, held by this process."""
        self.path.mkdir(parents=True)
        lock = self._lock()
        lock.acquire(timeout=0)
        return lock

    def hold(self) -> FileLock | None:
        """The folder's lock, held by this process from now on; None if another one holds it. Raises OSError."""
        lock = self._lock()
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return None
        return lock

    def remove(self) -> None:
        """Delete the folder with all that is in it, as far as the disk allows it."""
        shutil.rmtree(self.path, ignore_errors=True)
        remove_unused(self._home)

    def held(self) -> bool:
        """Whether a process holds the lock; not for a lock that this process holds itself."""
        if not self.exists():
            return False
        lock = self._lock()
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:  # a read-only home: the process that trains the run may write to it all the same
            return (self.path / "lock").is_file() and locked(self.path / "lock")
        lock.release()
        return False

    def _lock(self) -> FileLock:
        return FileLock(self.path / "lock", thread_local=False)

    # -- the checkpoint ----------------------------------------------------------------------------

    def checkpoint(self) -> Path | None:
        """The file with the run's checkpoint; None if there is none."""
        return self._checkpoint if self._checkpoint.is_file() else None

    def save_checkpoint(self, save: Callable[[Path], object]) -> None:
        """Call `save` with the checkpoint's file, which it replaces as one."""
        self.check()
        save(self._checkpoint)

    def remove_checkpoint(self) -> None:
        """Delete the checkpoint, if there is one."""
        self._checkpoint.unlink(missing_ok=True)

    # -- the student and its logits ----------------------------------------------------------------

    def has_student(self) -> bool:
        """Whether the student was saved, and is still there."""
        return self._student.is_dir()

    @property
    def student_folder(self) -> Path:
        """The folder of the saved student, which need not be there."""
        return self._student

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
            share(self._home, self._student)

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
        share(self._home, self._logits)
