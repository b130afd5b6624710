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
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from typing import Literal, cast

from labcore.config.finetuning import FineTuning
from labcore.config.spec import Spec, SpecError
from labcore.results.events import Event
from labcore.runs.fair_order import Owner
from labcore.runs.job_admission import Admission
from labcore.runs.job_kinds import execute_spec, load_torch, make_own_teacher
from labcore.runs.job_queue import JobQueue, Work
from labcore.runs.job_times import JobTimes
from labcore.runs.limits import Limits
from labcore.runs.queue_overview import JobProgress, QueueOverview, QueueState, RunningJob, waiting_jobs
from labcore.runs.queue_restart import take_over
from labcore.runs.resuming import interrupted_runs, reopened
from labcore.runs.run_sharing import turn_of
from labcore.runs.store import RunNotFound, Store
from labcore.runs.teacher_store import TeacherStore
from labcore.runs.trained_student import NotSaved, Trained
from labcore.runs.unsaved_students import UnsavedStudents
from labcore.system.faults import reported
from labcore.teacher.own_teachers import OwnTeacher

RETRY = 5.0  # seconds between two tries to write what the disk did not take, while nothing runs
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
        limits: Limits | None = None,
    ):
        """`load` is the first work of the thread; `wait_until_loaded` waits for it.

        resume: whether runs that were cut off go on then by themselves, in their order, as far as they can.
        limits: what may be queued; None for everything.
        """
        self._resume = resume
        self.store, self.teachers = store, TeacherStore()
        self._execute, self._make, self._load = execute, make, load
        self._loaded = threading.Event()
        self._load_error: Exception | None = None
        self._queue, self._times = JobQueue(store.queue), JobTimes(store)
        self._admission = Admission(limits, self._queue, self._times)
        self._progress = JobProgress(time.monotonic)
        self._stopping: set[str] = set()
        self._state: QueueState = "open"
        self._taken_over = self._ending = False
        self._unsaved = UnsavedStudents(store)
        self._changed = threading.Condition()
        self._take_over()
        self._worker = threading.Thread(target=self._work, name="distillation", daemon=True)
        self._worker.start()

    # -- queueing ----------------------------------------------------------------------------------

    def submit(self, spec: Spec, owner: Owner = None) -> str:
        """Queue a run, before it the assistants that it waits for, and return its id at once.

        If an equal run waits or runs already, the owner waits for that one. owner: whose run it is.
        Raises SpecError if the server does not allow it, and OSError if the home can't take it; then none is queued.
        """
        self._wait_for_limits()
        with self._changed:
            self._admission.check([spec], owner, self._state)
            jobs = turn_of(spec, owner, self._queue.jobs(), self._stopping, self.store)
            self._add(owner, jobs)
        return jobs[-1][0]

    def resume(self, run_id: str) -> None:
        """Queue a run that ended early, to go on from its checkpoint, or from the start if it has none.

        Before it come the assistants that it waits for. Raises RunNotFound, SpecError if it can't go on, and OSError.
        """
        self.wait_until_loaded()
        run = self.store.read(run_id)
        with self._changed:
            self._admission.check([run.spec], run.owner, self._state)
            self._add(run.owner, reopened(run_id, self.store))

    def make_teacher(self, title: str, config: FineTuning, owner: Owner = None) -> str:
        """Queue the fine-tuning of a teacher, and return its id at once; that of an equal one that is under way.

        Raises SpecError for a title or a training that is not allowed, and OSError if the home can't take it.
        """
        self._wait_for_limits()
        with self._changed:
            for waiting in self.waiting():
                if isinstance(waiting, OwnTeacher) and (waiting.title, waiting.finetuning) == (title, config):
                    self._add(owner, [(waiting.id, waiting)])
                    return waiting.id
            self._admission.check([config], owner, self._state)
            teacher = self.teachers.create_to_make(title, config)
            self._add(owner, [(teacher.id, teacher)])
        return teacher.id

    def refusal(self, jobs: Sequence[Spec | FineTuning], owner: Owner = None) -> str | None:
        """Why these new jobs of an owner can't be queued now, for a button; None if they can, or if it is unknown yet."""
        if self.loaded or self._state == "drained":
            return self._admission.refusal(jobs, owner, self._state)
        return None

    def _add(self, owner: Owner, jobs: Sequence[tuple[str, Work]]) -> None:
        self._queue.add(owner, jobs)
        self._changed.notify_all()

    def _wait_for_limits(self) -> None:
        if self._admission.limits is not None:
            self.wait_until_loaded()

    # -- stopping ----------------------------------------------------------------------------------

    def stop(self, job_id: str) -> None:
        """Stop a job for its owner: a queued one now, a running one after the step that it is in.

        If somebody else waits for it, it goes on, and is theirs. Another job is left alone.
        """
        with self._changed:
            owners = self._queue.owners(job_id)
            if owners:
                own = self._owner_of(job_id)
                self.leave(job_id, own if own in owners else owners[0])

    def leave(self, job_id: str, owner: Owner) -> None:
        """An owner waits for a job no longer. It stops if nobody else does; else it becomes the next one's."""
        with self._changed:
            owners = self._queue.owners(job_id)
            if owners == [owner]:
                self.cancel(job_id)
            elif owner in owners:
                self._queue.remove(job_id, owner, only=True)
                if self._owner_of(job_id) == owner:
                    with suppress(RunNotFound, OSError):
                        self.store.give(job_id, next(each for each in owners if each != owner))

    def cancel(self, job_id: str) -> None:
        """Stop a job for everybody who waits for it, as `stop`."""
        with self._changed:
            work = dict(self._queue.jobs()).get(job_id)
            if job_id == self._queue.running:
                self._stopping.add(job_id)
            elif work is not None:
                self._queue.remove(job_id)
                self._note_end(job_id, work, "stopped")

    def _owner_of(self, job_id: str) -> Owner:
        with suppress(RunNotFound):
            return self.store.read(job_id).owner
        return next(iter(self._queue.owners(job_id)), None)

    # -- what a host does --------------------------------------------------------------------------

    @property
    def state(self) -> QueueState:
        """Whether jobs begin and are accepted."""
        return self._state

    def pause(self) -> None:
        """Let what runs go on and nothing begin, also after a restart, until `go_on`. Raises OSError."""
        self._become("paused")
        self.store.queue.keep_state("paused")

    def drain(self) -> None:
        """Let what runs go on, let nothing begin, and accept nothing, until `go_on` or a restart."""
        self._become("drained")

    def go_on(self) -> None:
        """End a pause or a drain. Raises OSError."""
        self._become("open")
        self.store.queue.keep_state(None)

    def _become(self, state: QueueState) -> None:
        with self._changed:
            self._state = state
            self._changed.notify_all()

    def move_up(self, job_id: str) -> None:
        """Let a waiting job begin next, with the assistants that it waits for."""
        with self._changed:
            self._queue.move_up(job_id)

    # -- reading -----------------------------------------------------------------------------------

    def overview(self) -> QueueOverview:
        """All of the queue now, with expected times once torch is loaded."""
        jobs, running, now = self._queue.jobs(), self._queue.running, None
        first = 0.0 if self._state == "open" and self.loaded else None
        if running is not None and jobs and jobs[0][0] == running:
            work = jobs.pop(0)[1]
            left = self._progress.seconds_left(self._seconds(work))
            first = None if first is None else left
            now = RunningJob(
                id=running,
                work=work,
                owners=tuple(self._queue.owners(running)),
                progress=self._progress.fraction,
                seconds_left=left,
                stopping=running in self._stopping,
            )
        return QueueOverview(self._state, now, waiting_jobs(jobs, self._queue.owners, self._seconds, first))

    def _seconds(self, work: Work) -> float | None:
        return self._times.seconds(work) if self.loaded else None

    def owners(self, job_id: str) -> list[Owner]:
        """Who waits for a job; none if it is not in this queue."""
        return self._queue.owners(job_id)

    def busy(self) -> bool:
        """Whether a job runs or waits in this process."""
        return bool(self._queue.order())

    def place(self, job_id: str) -> int | None:
        """Jobs ahead of this one: 0 while it runs; None if it is not in this queue."""
        order = self._queue.order()
        return order.index(job_id) if job_id in order else None

    def waiting(self) -> list[Work]:
        """The specs of the runs and the teachers in this queue, in order; the first is the one that runs."""
        return [work for _, work in self._queue.jobs()]

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

    # -- the thread --------------------------------------------------------------------------------

    def close(self, seconds: float = 8.0) -> None:
        """Before the process ends: let what runs keep a checkpoint, for at most this time; it reads as interrupted."""
        self._ending = True
        with self._changed:
            self._changed.notify_all()
        if self.busy() and self.loaded:  # else nothing has begun, and an import would take its time
            self._worker.join(seconds)

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
                self._changed.wait_for(self._has_work, RETRY)
                if self._ending:
                    return
                job = self._queue.begin() if self._has_work() else None
            if job is None:
                self._unsaved.write_unwritten()
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
