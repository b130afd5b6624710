"""The jobs that wait and those that run, in fair order. It holds no thread: `labcore.runs.jobs` has those.

A job of several owners is in a turn of each. It runs at the first of these turns, and then leaves them all. The jobs
of a turn run one after another.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Protocol

from labcore.config.spec import Spec
from labcore.runs.fair_order import Owner, Turn, after_service, in_fair_order, jobs_in_fair_order, without_job
from labcore.runs.queue_table import QueueTable
from labcore.teacher.own_teachers import OWN, OwnTeacher

Work = Spec | OwnTeacher
Job = tuple[str, Work]  # an id and what to do


class Changed(Protocol):
    """The condition that guards the queue: a `threading.Condition`."""

    def __enter__(self) -> bool: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None, /
    ) -> None: ...

    def notify_all(self) -> None:
        """Wake the thread that waits for a change."""


class JobQueue:
    """Changes need the lock of `Jobs`. Reading does not: what is read is replaced as one."""

    def __init__(self, table: QueueTable):
        self._table = table
        self._state: tuple[tuple[Turn, ...], tuple[Turn, ...]] = ((), ())  # the turns that have begun, those that wait
        self._running: tuple[str, ...] = ()
        self._work: dict[str, Work] = {}
        self._now = 0

    # -- reading -----------------------------------------------------------------------------------

    @property
    def running(self) -> tuple[str, ...]:
        """The jobs that have begun, in that order."""
        return self._running

    def order(self) -> list[str]:
        """The jobs that run, then those that wait, in the order in which they begin."""
        begun, waiting = self._state
        return list(dict.fromkeys([*self._running, *jobs_in_fair_order(waiting, begun)]))

    def order_with(self, owner: Owner, jobs: Sequence[str]) -> list[str]:
        """The same as if the owner asked for these jobs now, a turn for each."""
        begun, waiting = self._state
        now = max([self._now, *(turn.number for turn in waiting)]) + 1
        new = [Turn(number=now + i, owner=owner, jobs=(job,), since=now + i) for i, job in enumerate(jobs)]
        return jobs_in_fair_order([*waiting, *new], begun)

    def jobs(self) -> list[Job]:
        """The same with what each is to do."""
        return [(job, work) for job in self.order() if (work := self._work.get(job)) is not None]

    def owners(self, job: str) -> list[Owner]:
        """Who waits for a job, each once: the owner whose turn it is first, then by when they came."""
        begun, waiting = self._state
        return list(dict.fromkeys(turn.owner for turn in (*begun, *waiting) if job in turn.jobs))

    def waiting_of(self, owner: Owner) -> int:
        """How many jobs wait for this owner, those that others wait for, too, among them."""
        _, waiting = self._state
        return len({job for turn in waiting if turn.owner == owner for job in turn.jobs})

    # -- changes -----------------------------------------------------------------------------------

    def add(self, owner: Owner, jobs: Sequence[Job]) -> None:
        """A turn of the owner, with jobs that may wait already; nothing if it waits for all of them."""
        self._work |= dict(jobs)
        wanted = tuple(job for job, _ in jobs if owner not in self.owners(job))
        if wanted:
            now = self._clock()
            begun, waiting = self._state
            self._become(begun, [*waiting, Turn(number=now, owner=owner, jobs=wanted, since=now)])

    def take_over(self, turns: Iterable[Turn], work: dict[str, Work]) -> None:
        """Take turns of a process that has ended, with those of their jobs that this one holds now."""
        plain = [replace(turn, jobs=tuple(job.removeprefix(OWN) for job in turn.jobs)) for turn in turns]
        held = [replace(turn, jobs=tuple(job for job in turn.jobs if job in work)) for turn in plain]
        taken = [turn for turn in held if turn.jobs]
        self._work |= work
        self._table.take_over(map(self._named, taken))
        self._now = max([self._now, *(max(turn.number, turn.since, turn.front) for turn in taken)])
        begun, waiting = self._state
        self._become(begun, [*taken, *waiting])

    def begin(self) -> Job | None:
        """The job that is next begins; None if none can."""
        if (turn := self._next()) is None:
            return None
        begun, waiting = self._state
        if turn in waiting:
            begins = replace(turn, front=self._clock())  # after a restart, what is left of it comes first
            others = [each for each in waiting if each.number != turn.number]
            waiting = tuple(after_service(others, turn.owner, self._clock()))
            begun = (*begun, begins)
        job = turn.jobs[0]
        self._running = (*self._running, job)
        self._become(begun, waiting)
        return job, self._work[job]

    @property
    def can_begin(self) -> bool:
        """Whether `begin` would begin a job."""
        return self._next() is not None

    def _next(self) -> Turn | None:
        """The turn whose first job begins next: one that has begun before one that waits."""
        begun, waiting = self._state
        return next((turn for turn in (*begun, *in_fair_order(waiting, begun)) if self._may_begin(turn.jobs[0])), None)

    def _may_begin(self, job: str) -> bool:
        """Whether a job may run beside those that run: one teacher at a time, and no student before its assistant."""
        if job in self._running:
            return False
        work = self._work[job]
        if isinstance(work, OwnTeacher):
            return not any(isinstance(self._work[each], OwnTeacher) for each in self._running)
        others = (each for name, each in self._work.items() if name != job)
        return work.assistant is None or work.assistant not in others

    def end(self, job: str) -> None:
        """A job that runs has ended: it leaves every turn."""
        self._running = tuple(each for each in self._running if each != job)
        self.remove(job)

    def remove(self, job: str, owner: Owner = None, *, only: bool = False) -> None:
        """Take a job out of every turn, or of one owner's turns only."""
        begun, waiting = self._state
        owners = [owner] if only else None
        left: list[Turn] = []
        for turn in begun:
            others = tuple(each for each in turn.jobs if each != job)
            if others == turn.jobs or (only and turn.owner != owner):
                left.append(turn)
                continue
            taken = next((each for each in waiting if job in each.jobs and each.owner != owner), None)
            if only and job in self._running and taken is not None:  # it goes on for somebody else, in their turn
                rest = [] if not others else [replace(turn, jobs=others)]
                waiting = (*(each for each in waiting if each.number != taken.number), *rest)
                left.append(replace(taken, jobs=(job, *(each for each in taken.jobs if each != job))))
            elif others:
                left.append(replace(turn, jobs=others))
            else:
                waiting = tuple(after_service(waiting, turn.owner, self._clock()))
        self._become(left, without_job(waiting, job, owners))
        if job not in self.order():
            self._work.pop(job, None)

    def move_up(self, job: str) -> None:
        """Let the turn of a waiting job be the next that begins."""
        begun, waiting = self._state
        chosen = next((turn for turn in in_fair_order(waiting, begun) if job in turn.jobs), None)
        if chosen is not None:
            moved = replace(chosen, front=self._clock())
            self._become(begun, [moved if turn.number == moved.number else turn for turn in waiting])

    def _become(self, begun: Sequence[Turn], waiting: Sequence[Turn]) -> None:
        """Take a new state; the table keeps all of it but the jobs that have begun."""
        self._state = tuple(begun), tuple(waiting)
        self.write_again()

    def write_again(self) -> None:
        """Let the table have the queue as it is; nothing is written if it has."""
        begun, waiting = self._state
        turns = [
            replace(turn, jobs=tuple(job for job in turn.jobs if job not in self._running))
            for turn in (*begun, *waiting)
        ]
        self._table.write(map(self._named, turns))

    def _named(self, turn: Turn) -> Turn:
        """The turn as the table has it: a teacher's name tells it from a run."""
        work = {job: self._work.get(job) for job in turn.jobs}
        return replace(
            turn, jobs=tuple(each.name if isinstance(each, OwnTeacher) else job for job, each in work.items())
        )

    def _clock(self) -> int:
        """A number that rises with each call, also over restarts: microseconds."""
        self._now = max(self._now + 1, time.time_ns() // 1000)
        return self._now
