"""The background thread: one job at a time, the others queued in the order they came. The only thread here.

A job is a run, or a teacher to be fine-tuned. One at a time, because dropout draws from torch's one global generator,
and because two trainings on two cores would both be late. Jobs live in the process, and what they make in the stores,
so a page needs only an id.
A student that the store could not take stays here until it is saved.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from typing import Literal, cast

from labcore.config.finetuning import FineTuning
from labcore.config.spec import Spec, SpecError
from labcore.results.events import Event
from labcore.runs.assistants import chain_to_run
from labcore.runs.job_kinds import execute_spec, load_torch, make_own_teacher
from labcore.runs.resuming import interrupted_runs, reopened
from labcore.runs.store import RunNotFound, Store
from labcore.runs.teacher_store import TeacherStore
from labcore.runs.trained_student import NotSaved, Trained
from labcore.runs.unsaved_students import UnsavedStudents
from labcore.system.faults import reported
from labcore.teacher.own_teachers import OwnTeacher

RETRY = 5.0  # seconds between two tries to write what the disk did not take, while nothing runs
Work = Spec | OwnTeacher
Ended = Literal["stopped", "failed"]
Execute = Callable[[Spec, str, Store], Iterator[Event]]
Make = Callable[[OwnTeacher, TeacherStore], Iterator[Event]]


class ProcessEnds(BaseException):
    """The process ends. A run keeps a checkpoint, and stays active on disk, so that it reads as interrupted."""


class Jobs:
    """A queue of runs and teachers, and the thread that works through it."""

    def __init__(
        self,
        store: Store,
        execute: Execute = execute_spec,
        load: Callable[[], object] = load_torch,
        make: Make = make_own_teacher,
        *,
        resume: bool = False,
    ):
        """`load` is the first work of the thread; `wait_until_loaded` waits for it.

        resume: whether runs that were cut off go on then by themselves, in their order, as far as they can.
        """
        self._resume = resume
        self.store, self.teachers = store, TeacherStore()
        self._execute, self._make = execute, make
        self._load = load
        self._loaded = threading.Event()
        self._load_error: Exception | None = None
        self._queue: deque[tuple[str, Work]] = deque()  # the first is the one that runs
        self._stopping: set[str] = set()
        self._ending = False
        self._unsaved = UnsavedStudents(store)
        self._changed = threading.Condition()
        self._worker = threading.Thread(target=self._work, name="distillation", daemon=True)
        self._worker.start()

    def submit(self, spec: Spec, owner: str | None = None) -> str:
        """Queue a run, before it the assistants that it waits for, and return its id at once.

        owner: whose run it is. Raises OSError if the home can't take a run; then none is queued.
        """
        specs = chain_to_run(spec, self.store)
        queued = list(zip(self.store.create_all(specs, owner), specs, strict=True))
        self._enqueue(queued)
        return queued[-1][0]

    def resume(self, run_id: str) -> None:
        """Queue a run that ended early, to go on from its checkpoint, or from the start if it has none.

        Before it come the assistants that it waits for. Raises RunNotFound, SpecError if it can't go on, and OSError.
        """
        self.wait_until_loaded()
        self._enqueue(reopened(run_id, self.store))

    def close(self, seconds: float = 8.0) -> None:
        """Before the process ends: let what runs keep a checkpoint, for at most this time; it reads as interrupted."""
        self._ending = True
        with self._changed:
            self._changed.notify_all()
        if self.busy() and self.loaded:  # else nothing has begun, and an import would take its time
            self._worker.join(seconds)

    def make_teacher(self, title: str, config: FineTuning, owner: str | None = None) -> str:
        """Queue the fine-tuning of a teacher, and return its id at once; that of an equal one that is under way.

        owner: whose it is. Raises SpecError for a title that is not allowed, and OSError if the home can't take it.
        """
        for waiting in self.waiting():
            if isinstance(waiting, OwnTeacher) and waiting.is_made_by(title, config, owner):
                return waiting.id
        teacher = self.teachers.create_to_make(title, config, owner)
        self._enqueue([(teacher.id, teacher)])
        return teacher.id

    def _enqueue(self, jobs: Iterable[tuple[str, Work]]) -> None:
        with self._changed:
            self._queue.extend(jobs)
            self._changed.notify_all()

    def stop(self, job_id: str) -> None:
        """Stop a job: a queued one now, a running one after the step that it is in. Another job is left alone."""
        with self._changed:
            ahead = self.place(job_id)
            if ahead == 0:
                self._stopping.add(job_id)
            elif ahead is not None:
                _, work = self._queue[ahead]
                del self._queue[ahead]
                self._note_end(job_id, work, "stopped")

    def busy(self) -> bool:
        """Whether a job runs or waits in this process."""
        return bool(self._queue)

    def place(self, job_id: str) -> int | None:
        """Jobs ahead of this one: 0 while it runs; None if it is not in this queue."""
        return next((i for i, (queued, _) in enumerate(list(self._queue)) if queued == job_id), None)

    def waiting(self) -> list[Work]:
        """The specs of the runs and the teachers in this queue, in order; the first is the one that runs."""
        return [work for _, work in list(self._queue)]

    def stopping(self, run_id: str) -> bool:
        """Whether the run is to stop, and is finishing its step."""
        return run_id in self._stopping

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
                waits = not self._changed.wait_for(lambda: self._queue or self._ending, RETRY)
            if self._ending:
                return
            if waits:
                self._unsaved.write_unwritten()
                continue
            job_id, work = self._queue[0]
            try:
                self.wait_until_loaded()
                events = cast(Generator[Event, None, None], self._begin(job_id, work))
                for _ in events:
                    if self._ending:
                        events.throw(ProcessEnds())
                    if job_id in self._stopping:
                        events.close()
            except ProcessEnds:
                return
            except Exception as error:
                line = self._report(error, f"job {job_id}")
                if isinstance(error, NotSaved):
                    self._unsaved.keep(job_id, error.trained)
                self._note_end(job_id, work, "failed", line)
            finally:
                with self._changed:
                    self._queue.popleft()
                    self._stopping.discard(job_id)

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

    def _note_end(self, job_id: str, work: Work, status: Ended, error: str | None = None) -> None:
        """Note in its store how a job ended that has not noted it itself, if it is still there."""
        with suppress(RunNotFound, SpecError, OSError):
            if isinstance(work, OwnTeacher):
                teacher = self.teachers.read(job_id)
                if teacher is not None and teacher.active:
                    self.teachers.update(job_id, status=status, error=error)
            elif self.store.read(job_id).active:
                self.store.update(job_id, status, error=error)

    def _report(self, error: Exception, during: str) -> str:
        """Put the error's details into the log and a line on the terminal, and return the line."""
        line = reported(error, self.store.home, during, self.store.home)
        logging.getLogger(__name__).warning("%s: %s", during, line)
        return line
