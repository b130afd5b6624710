"""The background threads: one for each job that runs at once, the others queued in fair order. The only threads here.

A job is a run, or a teacher to be fine-tuned. This machine does one at a time. Dropout draws from torch's one global
generator, and two trainings on two cores would both be late. A cluster has a slot for each run that it can train, and a
thread here follows each. Jobs live in the process, and what they make in the stores, so a page needs only an id. What
waits goes on waiting after a restart (labcore.runs.queue_restart).
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
from labcore.runs.between import Between
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
    """A queue of runs and teachers, and the threads that work through it."""

    def __init__(
        self,
        store: Store,
        execute: Execute = execute_spec,
        load: Callable[[], object] = load_torch,
        make: Make = make_own_teacher,
        *,
        resume: bool = False,
        limits: Limits | None = None,
        slots: Callable[[], int] = lambda: 1,
        takes_over: bool = True,
        between: Between | None = None,
    ):
        """`load` is the first work of the first thread; `wait_until_loaded` waits for it.

        resume: whether runs that were cut off go on then by themselves, in their order, as far as they can.
        limits: what may be queued; None for everything. slots: how many runs `execute` can carry out at once; the first
        thread asks for it. If it raises, there is one. takes_over: whether what waited when another process ended goes
        on here. between: what a thread does between two jobs.
        """
        self._condition = threading.Condition()
        super().__init__(store, limits, self._condition)
        self._resume, self._between, self._advancing = resume, between, False
        self._execute, self._make, self._load, self._slots = execute, make, load, slots
        self._loaded = threading.Event()
        self._load_error: Exception | None = None
        self._taken_over, self._ending = not takes_over, False
        self._unsaved, self._freed = UnsavedStudents(store), FreedMemory()
        self._take_over()
        self._workers: list[threading.Thread] = []
        self._start(self._begin_work)

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

    # -- the threads -------------------------------------------------------------------------------

    def close(self, seconds: float = 8.0) -> None:
        """Before the process ends: let what runs keep a checkpoint, for at most this time; it reads as interrupted."""
        self._ending = True
        with self._changed:
            self._changed.notify_all()
        if self.busy() and self.loaded:  # else nothing has begun, and an import would take its time
            end = time.monotonic() + seconds
            for worker in self._workers:
                worker.join(max(0.0, end - time.monotonic()))

    def wake(self) -> None:
        """Let the threads see that there is something to do between two jobs."""
        with self._changed:
            self._changed.notify_all()

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

    def _start(self, work: Callable[[], None]) -> None:
        worker = threading.Thread(target=work, name=f"job {len(self._workers)}", daemon=True)
        worker.start()
        self._workers.append(worker)  # `close` joins what has started

    def _begin_work(self) -> None:
        """What the first thread does."""
        try:
            self._load()
        except Exception as error:
            self._report(error, "loading torch and transformers")
            self._load_error = error
        self._loaded.set()
        if self._resume:
            self._resume_interrupted()
        try:
            self.slots = self._slots()
        except Exception as error:
            self._report(error, "counting the slots of the cluster")
        for _ in range(1, self.slots):
            self._start(self._work)
        self._work(first=True)

    def _work(self, *, first: bool = False) -> None:
        """Carry out jobs until the process ends. first: whether this thread also writes what the disk did not take."""
        while True:
            with self._changed:
                self._condition.wait_for(self._has_work, RETRY)
                if self._ending:
                    return
                job = self._queue.begin() if self._state == "open" else None
            if job is not None and not self._carry_out(*job):
                return
            if self._take_between():
                self._advance()
            elif job is None and first:
                self.write_waiting()
                self._take_over()

    def _has_work(self) -> bool:
        return self._ending or (self._state == "open" and (self._queue.can_begin or self._has_between()))

    def _has_between(self) -> bool:
        return self._between is not None and not self._advancing and self._between.wanted(self)

    def _take_between(self) -> bool:
        """Whether this thread is to do what there is between two jobs; no other does until it has ended."""
        with self._changed:
            taken = self._state == "open" and not self._ending and self._has_between()
            self._advancing = self._advancing or taken
        return taken

    def _advance(self) -> None:
        assert self._between is not None
        try:
            self.wait_until_loaded()
            self._between.advance(self)
        except Exception as error:
            self._report(error, "work between two jobs")
        finally:
            with self._changed:
                self._advancing = False

    def _carry_out(self, job_id: str, work: Work) -> bool:
        """Carry out a job that has begun; False if the process ends."""
        progress = self._progress[job_id] = JobProgress(time.monotonic)
        try:
            self.wait_until_loaded()
            events = cast(Generator[Event, None, None], self._begin(job_id, work))
            for event in events:
                progress.follow(event)
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
                self._queue.end(job_id)
                self._progress.pop(job_id, None)
                self._stopping.discard(job_id)
                self._times.forget()
                self._changed.notify_all()
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
