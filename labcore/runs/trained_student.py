"""A trained student that is not on disk yet, with its run's results: a disk that is full at the end loses nothing."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labcore.config.spec import Spec
from labcore.results.counts import Comparison
from labcore.results.events import Finished
from labcore.runs.store import Store
from labcore.system.faults import reported
from labcore.system.files import packed

if TYPE_CHECKING:  # the queue needs these classes before torch is loaded
    from transformers import PreTrainedTokenizerBase

    from labcore.compress.student import Student
    from labcore.runs.test_logits import StoredLogits


@dataclass(frozen=True, eq=False)
class Trained:
    """The end of a run, in memory: its student with tokenizer and counts, its logits on the test split, its result."""

    spec: Spec
    student: Student
    tokenizer: PreTrainedTokenizerBase
    counts: Comparison
    logits: StoredLogits
    result: Finished
    max_tokens: int  # of an example that it was trained on
    machine: str  # that trained it

    def save(self, store: Store) -> None:
        """Save all of it in the store, and finish the run. Raises NotSaved; then call it again later."""
        run_id = self.result.run
        try:
            store.save_student(run_id, self._save_student)
            store.save_logits(run_id, self.logits)
            store.finish(run_id, self.result, self.counts)
            with suppress(OSError):  # a checkpoint too many costs room only
                store.remove_checkpoint(run_id)
        except Exception as error:
            raise NotSaved(self, reported(error, store.home, f"saving run {run_id}", store.home)) from error

    def rescue(self) -> Path:
        """Save the student in a new folder of the system's temporary folder, and return it.

        Raises OSError, or what the writing of weights raises.
        """
        folder = Path(tempfile.mkdtemp(prefix="teacher-student-lab-")) / self.result.run / "student"
        self._save_student(folder)
        return folder

    def zipped(self) -> bytes:
        """The student's folder as a zip file, made in the system's temporary folder. Raises the errors of `rescue`."""
        with tempfile.TemporaryDirectory(prefix="teacher-student-lab-") as folder:
            place = Path(folder) / self.result.run / "student"
            self._save_student(place)
            return packed(place)

    def _save_student(self, folder: Path) -> None:
        from labcore.compress.student_folder import save

        save(
            student=self.student,
            folder=folder,
            spec=self.spec,
            tokenizer=self.tokenizer,
            counts=self.counts,
            figures={"accuracy": self.result.accuracy, "agreement": self.result.agreement},
            findings=self.result.findings,
            max_tokens=self.max_tokens,
            machine=self.machine,
        )


class NotSaved(OSError):
    """A student was trained and could not be saved; `trained` has it, `why` is the reason as a sentence."""

    for_people = True  # see labcore.system.faults

    def __init__(self, trained: Trained, why: str):
        super().__init__(f"The student is trained, but it could not be saved. {why}")
        self.trained, self.why = trained, why
