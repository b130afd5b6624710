"""The background thread: one job at a time, the others queued in fair order. The only thread here.

A job is a run, or a teacher to be fine-tuned. One at a time, because dropout draws from torch's one global generator,
and because two trainings on two cores would both be late. Jobs live in the process, and what they make in the stores,
so a page needs only an id. What waits goes on waiting after a restart (labcore.runs.queue_restart).
A student that the store could not take stays here until it is saved.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import cast

from labcore.config.spec import Spec
from labcore.results.events import Event
from labcore.runs.freed_memory import FreedMemory
from labcore.runs.job_acts import JobActs
from labcore.runs.job_kinds import execute_spec, load_torch, make_own_teacher
from labcore.runs.job_queue import Work
from labcore.runs.queue_overview import JobProgress
from labcore.runs.queue_restart import take_over
from labcore.runs.resuming import interrupted_runs
from labcore.runs.server_limits import Limits
from labcore.runs.store import Store
from labcore.runs.teacher_store import TeacherStore
from labcore.runs.trained_student import NotSaved, Trained
from labcore.runs.unsaved_students import UnsavedStudents
from labcore.system.faults import reported
from labcore.teacher.own_teachers import OwnTeacher

RETRY = 5.0  # seconds between two tries to write what the disk did not take, while nothing runs
Execute = Callable[[Spec, str, Store], Iterator[Event]]
Make = Callable[[OwnTeacher, TeacherStore], Iterator[Event]]


class ProcessEnds(BaseException):
    """The process ends. A run keeps a checkpoint, and stays active on disk, so that it reads as interrupted."""


class Jobs(JobActs):
    """A queue of runs and teachers, and the thread that works through it."""

    def __init__(
        self,
        store: Store,
        execute: Execute = execute_spec,
        load: Callable[[], object] = load_torch,
        make: Make = make_own_teacher,
        *,
        resume: bool = False,
        limits: Limits | None = None,
    ):
        """`load` is the first work of the thread; `wait_until_loaded` waits for it.

        resume: whether runs that were cut off go on then by themselves, in their order, as far as they can.
        limits: what may be queued; None for everything.
        """
        self._condition = threading.Condition()
        super().__init__(store, limits, self._condition, JobProgress(time.monotonic))
        self._resume = resume
        self._execute, self._make, self._load = execute, make, load
        self._loaded = threading.Event()
        self._load_error: Exception | None = None
        self._taken_over = self._ending = False
        self._unsaved, self._freed = UnsavedStudents(store), FreedMemory()
        self._take_over()
        self._worker = threading.Thread(target=self._work, name="distillation", daemon=True)
        self._worker.start()

    def unsaved(self, run_id: str) -> Trained | None:
        """The run's trained student, if the store could not take it; None otherwise."""
        return self._unsaved.student(run_id)

    def unsaved_runs(self) -> list[str]:
        """The ids of runs whose trained students wait in memory, the oldest first."""
        return self._unsaved.runs()

    def save(self, run_id: str) -> None:
        """Save a trained student that the store could not take; its run is finished then. Raises NotSaved."""
        self._unsaved.save(run_id)

    @property
    def loaded(self) -> bool:
        """Whether torch and transformers are loaded."""
        return self._loaded.is_set() and self._load_error is None

    def wait_until_loaded(self) -> None:
        """Return once the thread has imported torch and transformers; raise RuntimeError if it could not.

        Call this before the first use of them: transformers loads its parts lazily, and two threads that do so
        at the same time fail with names that can't be imported.
        """
        self._loaded.wait()
        if self._load_error is not None:
            raise RuntimeError(f"torch and transformers can't be loaded: {self._load_error}") from self._load_error

    # -- the thread --------------------------------------------------------------------------------

    def close(self, seconds: float = 8.0) -> None:
        """Before the process ends: let what runs keep a checkpoint, for at most this time; it reads as interrupted."""
        self._ending = True
        with self._changed:
            self._changed.notify_all()
        if self.busy() and self.loaded:  # else nothing has begun, and an import would take its time
            self._worker.join(seconds)

    def write_waiting(self) -> None:
        """Try to write what the disk did not take: events and states of runs, and the order of the queue."""
        self._unsaved.write_unwritten()
        with self._changed:
            self._queue.write_again()

    def _take_over(self) -> None:
        """Once: queue what waited when the lab ended. Without a database, the thread tries again later."""
        with suppress(OSError), self._changed:
            if not self._taken_over:
                take_over(self._queue, self.store, self.teachers)
                self._state = "paused" if self.store.queue.state() == "paused" else self._state
                self._taken_over = True

    def _work(self) -> None:
        try:
            self._load()
        except Exception as error:
            self._report(error, "loading torch and transformers")
            self._load_error = error
        self._loaded.set()
        if self._resume:
            self._resume_interrupted()
        while True:
            with self._changed:
                self._condition.wait_for(self._has_work, RETRY)
                if self._ending:
                    return
                job = self._queue.begin() if self._has_work() else None
            if job is None:
                self.write_waiting()
                self._take_over()
            elif not self._carry_out(*job):
                return

    def _has_work(self) -> bool:
        return self._ending or (self._state == "open" and self.busy())

    def _carry_out(self, job_id: str, work: Work) -> bool:
        """Carry out a job that has begun; False if the process ends."""
        self._progress.begin()
        try:
            self.wait_until_loaded()
            events = cast(Generator[Event, None, None], self._begin(job_id, work))
            for event in events:
                self._progress.follow(event)
                self._freed.give_back_if_due()
                if self._ending:
                    events.throw(ProcessEnds())
                if job_id in self._stopping:
                    events.close()
        except ProcessEnds:
            return False
        except Exception as error:
            line = self._report(error, f"job {job_id}")
            if isinstance(error, NotSaved):
                self._unsaved.keep(job_id, error.trained)
            self._note_end(job_id, work, "failed", line)
        finally:
            with self._changed:
                self._queue.end()
                self._stopping.discard(job_id)
                self._times.forget()
            self._freed.give_back()
        return True

    def _resume_interrupted(self) -> None:
        for run in interrupted_runs(self.store):
            try:
                if self.place(run.id) is None:  # not yet, as somebody's assistant
                    self.resume(run.id)
            except Exception as error:
                self._report(error, f"resuming run {run.id}")

    def _begin(self, job_id: str, work: Work) -> Iterator[Event]:
        if isinstance(work, OwnTeacher):
            return self._make(work, self.teachers)
        return self._execute(work, job_id, self.store)

    def _report(self, error: Exception, during: str) -> str:
        """Put the error's details into the log and a line on the terminal, and return the line."""
        line = reported(error, self.store.home, during, self.store.home)
        logging.getLogger(__name__).warning("%s: %s", during, line)
        return line
