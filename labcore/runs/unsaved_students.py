"""Trained students that the disk did not take: they wait in memory until they are saved or downloaded."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress

from labcore.runs.store import Store
from labcore.runs.trained_student import Trained
from labcore.system.faults import note

MAX_UNSAVED = 3  # trained students that wait in memory for a disk


class UnsavedStudents:
    """The students of a queue's runs that wait. Any thread may call it; one at a time writes."""

    def __init__(self, store: Store):
        self.store = store
        self._students: dict[str, Trained] = {}  # by run, the oldest first
        self._saving = threading.Lock()

    def student(self, run_id: str) -> Trained | None:
        """The run's trained student; None if none waits."""
        return self._students.get(run_id)

    def runs(self) -> list[str]:
        """The ids of the runs whose students wait, the oldest first."""
        return list(self._students)

    def keep(self, run_id: str, trained: Trained) -> None:
        """Keep a student that could not be saved; the oldest goes if there are too many."""
        self._students[run_id] = trained
        while len(self._students) > MAX_UNSAVED:
            oldest = next(iter(self._students))
            self._students.pop(oldest, None)
            words = f"run {oldest}: its unsaved student was let go; {MAX_UNSAVED} are kept in memory at most"
            note(words, self.store.home)
            logging.getLogger(__name__).warning(words)

    def save(self, run_id: str) -> None:
        """Save a student that waits; its run is finished then. Raises NotSaved."""
        with self._saving:
            if (trained := self._students.get(run_id)) is not None:
                trained.save(self.store)
                self._students.pop(run_id, None)

    def write_unwritten(self) -> None:
        """Try to write the events and states that wait in the store for the disk."""
        with self._saving:
            for run_id in self.store.unwritten():
                with suppress(OSError):  # the next try comes
                    self.store.flush(run_id)
