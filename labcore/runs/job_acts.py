"""What people do with the queue: submit, share and stop jobs, pause it. Its thread is in labcore.runs.jobs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

from labcore.config.finetuning import FineTuning
from labcore.config.spec import Spec, SpecError
from labcore.runs.fair_order import Owner
from labcore.runs.job_admission import Admission
from labcore.runs.job_queue import Changed, JobQueue, Work
from labcore.runs.job_times import JobTimes
from labcore.runs.queue_overview import JobProgress, QueueOverview, QueueState, RunningJob, running_job, waiting_jobs
from labcore.runs.resuming import reopened
from labcore.runs.run_sharing import equal_run, turn_of
from labcore.runs.server_limits import Limits
from labcore.runs.store import RunNotFound, Store
from labcore.runs.teacher_store import TeacherStore
from labcore.teacher.own_teachers import OwnTeacher

Ended = Literal["stopped", "failed"]


class JobActs(ABC):
    """A queue of runs and teachers without the thread that works through it."""

    def __init__(self, store: Store, limits: Limits | None, changed: Changed):
        """limits: what may be queued; None for everything."""
        self.store, self.teachers = store, TeacherStore()
        self._queue, self._times = JobQueue(store.queue), JobTimes(store)
        self._admission = Admission(limits, self._queue, self._times, store)
        self._changed = changed
        self._progress: dict[str, JobProgress] = {}  # of each job that runs
        self.slots = 1  # jobs that run at once, at most
        self._stopping: set[str] = set()
        self._state: QueueState = "open"

    @property
    @abstractmethod
    def loaded(self) -> bool:
        """Whether torch and transformers are loaded."""

    @abstractmethod
    def wait_until_loaded(self) -> None:
        """Return once torch and transformers are loaded; raise RuntimeError if they can't be."""

    # -- queueing ----------------------------------------------------------------------------------

    def submit(self, spec: Spec, owner: Owner = None) -> str:
        """Queue a run, before it the assistants that it waits for, and return its id at once.

        If an equal run waits or runs already, the owner waits for that one. owner: whose run it is.
        Raises SpecError if the server does not allow it, and OSError if the home can't take it; then none is queued.
        """
        self._wait_for_limits()
        with self._changed:
            jobs = self._queue.jobs()
            there = equal_run(spec, jobs, self._stopping, self.store) is not None
            self._admission.check([] if there else [spec], owner, self._state)
            jobs = turn_of(spec, owner, jobs, self._stopping, self.store)
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

        owner: whose it is. Raises SpecError for a title or a training that is not allowed, and OSError if the home
        can't take it.
        """
        self._wait_for_limits()
        with self._changed:
            for waiting in self.waiting():
                if isinstance(waiting, OwnTeacher) and waiting.is_made_by(title, config, owner):
                    return waiting.id
            self._admission.check([config], owner, self._state)
            teacher = self.teachers.create_to_make(title, config, owner)
            self._add(owner, [(teacher.id, teacher)])
        return teacher.id

    def refusal(self, jobs: Sequence[Spec | FineTuning], owner: Owner = None) -> str | None:
        """Why these new jobs of an owner can't be queued now, for a button; None if they can.

        Before torch is loaded it is unknown, and None.
        """
        if self.loaded or self._state == "drained":
            return self._admission.refusal(jobs, owner, self._state)
        return None

    def check(self, jobs: Sequence[Spec | FineTuning], owner: Owner = None) -> None:
        """Raise SpecError, with the reason of `refusal`, if these jobs can't be queued now."""
        if (why := self.refusal(jobs, owner)) is not None:
            raise SpecError(why)

    def _add(self, owner: Owner, jobs: Sequence[tuple[str, Work]]) -> None:
        self._queue.add(owner, jobs)
        self._changed.notify_all()

    def _wait_for_limits(self) -> None:
        if self._admission.limits is not None:
            self.wait_until_loaded()

    # -- stopping ----------------------------------------------------------------------------------

    def stop(self, job_id: str) -> None:
        """Stop a job for its owner: a queued one now, a running one after the step that it is in.

        If somebody else waits for it, it goes on, and is that person's. Another job is left alone. Raises OSError.
        """
        with self._changed:
            owners = self._queue.owners(job_id)
            if owners:
                own = self._owner_of(job_id)
                self.leave(job_id, own if own in owners else owners[0])

    def leave(self, job_id: str, owner: Owner) -> None:
        """An owner waits for a job no longer. It stops, or is the next one's if somebody else waits. Raises OSError."""
        with self._changed:
            owners = self._queue.owners(job_id)
            if owners == [owner]:
                self.cancel(job_id)
            elif owner in owners:
                if self._owner_of(job_id) == owner:
                    with suppress(RunNotFound):
                        self.store.give(job_id, next(each for each in owners if each != owner))
                self._queue.remove(job_id, owner, only=True)

    def cancel(self, job_id: str) -> None:
        """Stop a job for everybody who waits for it, as `stop`."""
        with self._changed:
            work = dict(self._queue.jobs()).get(job_id)
            if job_id in self._queue.running:
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
        jobs, running = self._queue.jobs(), self._queue.running
        now = tuple(self._running_job(job, work) for job, work in jobs if job in running)
        free: list[float | None] = []
        if self._state == "open" and self.loaded:
            free = [*(job.seconds_left for job in now), *[0.0] * (self.slots - len(now))]
        waiting = [(job, work) for job, work in jobs if job not in running]
        return QueueOverview(self._state, now, waiting_jobs(waiting, self._queue.owners, self._seconds, free))

    def _running_job(self, job: str, work: Work) -> RunningJob:
        owners, stopping = self._queue.owners(job), job in self._stopping
        return running_job(job, work, owners, self._progress.get(job), self._seconds(work), stopping)

    def _seconds(self, work: Work) -> float | None:
        return self._times.seconds(work) if self.loaded else None

    @property
    def running(self) -> tuple[str, ...]:
        """The jobs that have begun and not ended."""
        return self._queue.running

    def owners(self, job_id: str) -> list[Owner]:
        """Who waits for a job; none if it is not in this queue."""
        return self._queue.owners(job_id)

    def ahead(self, runs: int, owner: Owner = None) -> list[Work]:
        """What would begin before the last of this number of new runs of an owner, if they were queued now."""
        new = [f"new {i}" for i in range(runs)]
        order, work = self._queue.order_with(owner, new), dict(self._queue.jobs())
        return [work[job] for job in order[: order.index(new[-1])] if job in work]

    def busy(self) -> bool:
        """Whether a job runs or waits in this process."""
        return bool(self._queue.order())

    def place(self, job_id: str) -> int | None:
        """Jobs ahead of this one: 0 while it runs; None if it is not in this queue."""
        order = self._queue.order()
        if job_id in self._queue.running:
            return 0
        return order.index(job_id) if job_id in order else None

    def waiting(self) -> list[Work]:
        """The specs of the runs and the teachers in this queue, in order; those that run are the first."""
        return [work for _, work in self._queue.jobs()]

    def stopping(self, run_id: str) -> bool:
        """Whether the run is to stop, and is finishing its step."""
        return run_id in self._stopping

    def _note_end(self, job_id: str, work: Work, status: Ended, error: str | None = None) -> None:
        """Note in its store how a job ended that has not noted it itself, if it is still there."""
        with suppress(RunNotFound, SpecError, OSError):
            if isinstance(work, OwnTeacher):
                teacher = self.teachers.read(job_id)
                if teacher is not None and teacher.active:
                    self.teachers.update(job_id, status=status, error=error)
            elif self.store.read(job_id).active:
                self.store.update(job_id, status, error=error)
