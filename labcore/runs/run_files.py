"""The files of every run, by its id: student, logits, checkpoint. They are large, so they stand beside the database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from labcore.runs.run_folder import RunFolder

if TYPE_CHECKING:  # pages read runs before torch is loaded
    from labcore.compress.student import Student
    from labcore.runs.test_logits import StoredLogits


class RunNotFound(LookupError):
    """No run of this id is in the store."""

    for_people = True  # see labcore.system.faults


class RunFiles:
    """The folders of runs under one home."""

    def __init__(self, home: Path):
        self.home = home
        self._runs = home / "runs"

    def has_student(self, run_id: str) -> bool:
        """Whether the run's student is on disk."""
        return self._folder(run_id).has_student()

    def student(self, run_id: str) -> Student:
        """The run's student: its best checkpoint. Raises SpecError if it is missing or damaged."""
        return self._folder(run_id).student()

    def student_folder(self, run_id: str) -> Path:
        """The folder of the run's student, which need not be there."""
        return self._folder(run_id).student_folder

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

    def checkpoint(self, run_id: str) -> Path | None:
        """The file with the run's checkpoint; None if there is none."""
        return self._folder(run_id).checkpoint()

    def save_checkpoint(self, run_id: str, save: Callable[[Path], object]) -> None:
        """Have `save` replace the run's checkpoint, whole or not at all. Raises OSError, or what `save` raises."""
        self._folder(run_id).save_checkpoint(save)

    def remove_checkpoint(self, run_id: str) -> None:
        """Delete the run's checkpoint, if there is one. Raises OSError."""
        self._folder(run_id).remove_checkpoint()

    def _folder(self, run_id: str) -> RunFolder:
        if not run_id or run_id != Path(run_id).name or run_id.startswith(".") or "\0" in run_id:
            raise RunNotFound(f"{run_id!r} is not a run's id")
        return RunFolder(self._runs / run_id)
