"""What waited when the lab ended goes on waiting when it starts again, in its order, without being asked."""

from __future__ import annotations

from contextlib import suppress

from labcore.config.spec import Spec, SpecError
from labcore.runs.job_queue import JobQueue
from labcore.runs.store import RunNotFound, Store
from labcore.runs.teacher_store import TeacherStore
from labcore.teacher.own_teachers import OWN, OwnTeacher


def take_over(queue: JobQueue, store: Store, teachers: TeacherStore) -> None:
    """Queue what another process left waiting, and hold it. What a process holds is left to it.

    Raises OSError if the database can't be read.
    """
    turns = store.queue.waiting()
    work: dict[str, Spec | OwnTeacher] = {}
    for job in dict.fromkeys(job for turn in turns for job in turn.jobs):
        with suppress(RunNotFound, SpecError, OSError):
            held = _held(job, store, teachers)
            if held is not None:
                work[job.removeprefix(OWN)] = held
    queue.take_over(turns, work)


def _held(job: str, store: Store, teachers: TeacherStore) -> Spec | OwnTeacher | None:
    """The work of a job, which this process holds from now on; None if another one does, or if it does not wait."""
    if job.startswith(OWN):
        return teachers.hold_queued(job.removeprefix(OWN))
    return store.reopen(job).spec
