"""Saves checkpoints of a run in its store, in intervals that keep both the work at risk and the cost small.

An interval is as long as the last save was in proportion: a save takes `FRACTION` of the time. It never exceeds
`most_seconds()`, so a student whose checkpoint takes very long to save costs more than that.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from functools import partial

from labcore.compress.student import Student
from labcore.config.checks import SpecError, check_between, shown
from labcore.distil.checkpoint import Checkpoint, Checkpoints
from labcore.results.events import Event, Resumed
from labcore.runs.run_checkpoint import Origin, RunCheckpoint, training_of
from labcore.runs.store import Store
from labcore.system.faults import reported

VARIABLE = "LAB_CHECKPOINT_SECONDS"
MOST = 30.0  # seconds of work that a killed process may lose
FEWEST = 1.0  # seconds between two saves, however fast they are
FRACTION = 0.02  # of the time that saves take
BYTES_A_SECOND = 2e8  # guessed for the first save: of a disk that is not fast
COPIES = 4  # of a student's weights in a checkpoint: they, two moments, and the best ones


def most_seconds() -> float:
    """The most seconds between two checkpoints: LAB_CHECKPOINT_SECONDS, or 30. Raises SpecError for another value."""
    given = os.environ.get(VARIABLE)
    if not given:
        return MOST
    try:
        seconds = float(given)
    except ValueError:
        raise SpecError(f"{VARIABLE} is {shown(given)}; give a number of seconds such as 30") from None
    check_between(VARIABLE, seconds, 0.01, 86_400.0)
    return seconds


class CheckpointSaver:
    """Saves checkpoints of one run.

    events: those of the run that are stored. saves, seconds: how many checkpoints were saved, and the time it took.
    """

    def __init__(self, run_id: str, store: Store, now: Callable[[], float] = time.perf_counter):
        self.run_id, self.store, self.now = run_id, store, now
        self.checkpoints = Checkpoints()
        self.events = self.saves = 0
        self.seconds = 0.0
        self._most = most_seconds()

    def go_on(self, resume: RunCheckpoint | None, machine: str) -> Resumed | None:
        """Drop the events after the checkpoint, and return the one that notes this; None if the run has just begun.

        resume: the run's checkpoint; without one it begins again. machine: that computes from now on. Raises OSError.
        """
        self.events = 0 if resume is None else resume.events
        later = next(self.store.events(self.run_id, self.events), None)
        if resume is None and later is None:
            return None
        self.store.keep_events(self.run_id, self.events)
        earlier = later.attempt if isinstance(later, Resumed) else 0
        return Resumed(0 if resume is None else resume.step, earlier + 1, machine)

    def stored(self) -> Iterator[Event]:
        """The events of the run that are stored."""
        return self.store.events(self.run_id)

    def training(self) -> Checkpoint:
        """The training in the run's checkpoint. Raises SpecError if it is missing or damaged."""
        return training_of(self.run_id, self.store)

    def begin(self, student: Student, origin: Origin, started: float) -> None:
        """The training of this student begins. started: when the run began, its earlier time included."""
        self._origin, self._started = origin, started
        size = COPIES * sum(parameter.nbytes for parameter in student.model.parameters())
        self._next = self.now() + self._interval(size / BYTES_A_SECOND)

    def save_if_due(self) -> None:
        """Save a checkpoint if an interval is over. Call it when the event that the training waits at is stored."""
        if self.now() >= self._next:
            self.save()

    def save(self) -> None:
        """Save a checkpoint now, unless the training is within a step.

        A disk that refuses it, or events that wait for the disk, end no training: the next try comes.
        """
        began = self.now()
        try:
            self._save()
        except Exception as error:
            line = reported(error, self.store.home, f"the checkpoint of run {self.run_id}", self.store.home)
            logging.getLogger(__name__).warning("no checkpoint of run %s was saved. %s", self.run_id, line)
        took = self.now() - began
        self.seconds += took
        self._next = self.now() + self._interval(took)

    def _save(self) -> None:
        training = self.checkpoints.take()
        if training is None or self.run_id in self.store.unwritten():
            return
        checkpoint = RunCheckpoint(
            origin=self._origin,
            step=training["position"].values["steps"],
            events=self.events,
            seconds=self.now() - self._started,
        )
        self.store.save_checkpoint(self.run_id, partial(checkpoint.save, training))
        self.saves += 1

    def _interval(self, save: float) -> float:
        """The seconds until the next save, if one takes `save` seconds."""
        return min(self._most, max(FEWEST, save / FRACTION))
