"""The jobs that wait and the one that runs, in fair order. It holds no thread: `labcore.runs.jobs` has that.

A job of several owners is in a turn of each. It runs at the first of these turns, and then leaves them all.
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
        self._state: tuple[Turn | None, tuple[Turn, ...]] = (None, ())  # the turn that has begun, those that wait
        self._running: str | None = None
        self._work: dict[str, Work] = {}
        self._now = 0

    # -- reading -----------------------------------------------------------------------------------

    @property
    def running(self) -> str | None:
        """The job that has begun; None if none has."""
        return self._running

    def order(self) -> list[str]:
        """The job that runs, then those that wait, in the order in which they begin."""
        current, waiting = self._state
        return jobs_in_fair_order(waiting, current)

    def order_with(self, owner: Owner, jobs: Sequence[str]) -> list[str]:
        """The same as if the owner asked for these jobs now, a turn for each."""
        current, waiting = self._state
        now = max([self._now, *(turn.number for turn in waiting)]) + 1
        new = [Turn(number=now + i, owner=owner, jobs=(job,), since=now + i) for i, job in enumerate(jobs)]
        return jobs_in_fair_order([*waiting, *new], current)

    def jobs(self) -> list[Job]:
        """The same with what each is to do."""
        return [(job, work) for job in self.order() if (work := self._work.get(job)) is not None]

    def owners(self, job: str) -> list[Owner]:
        """Who waits for a job, each once: the owner whose turn it is first, then by when they came."""
        current, waiting = self._state
        turns = [*([] if current is None else [current]), *waiting]
        return list(dict.fromkeys(turn.owner for turn in turns if job in turn.jobs))

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
            current, waiting = self._state
            self._become(current, [*waiting, Turn(number=now, owner=owner, jobs=wanted, since=now)])

    def take_over(self, turns: Iterable[Turn], work: dict[str, Work]) -> None:
        """Take turns of a process that has ended, with those of their jobs that this one holds now."""
        plain = [replace(turn, jobs=tuple(job.removeprefix(OWN) for job in turn.jobs)) for turn in turns]
        held = [replace(turn, jobs=tuple(job for job in turn.jobs if job in work)) for turn in plain]
        taken = [turn for turn in held if turn.jobs]
        self._work |= work
        self._table.take_over(map(self._named, taken))
        self._now = max([self._now, *(max(turn.number, turn.since, turn.front) for turn in taken)])
        current, waiting = self._state
        self._become(current, [*taken, *waiting])

    def begin(self) -> Job | None:
        """The job that is next begins; None if none waits."""
        current, waiting = self._state
        if current is None:
            if not (order := in_fair_order(waiting)):
                return None
            current = replace(order[0], front=self._clock())  # after a restart, what is left of it comes first
            others = [turn for turn in waiting if turn.number != current.number]
            waiting = tuple(after_service(others, current.owner, self._clock()))
        self._running = current.jobs[0]
        self._become(current, waiting)
        return self._running, self._work[self._running]

    def end(self) -> None:
        """The job that runs has ended: it leaves every turn."""
        assert self._running is not None
        job, self._running = self._running, None
        self.remove(job)

    def remove(self, job: str, owner: Owner = None, *, only: bool = False) -> None:
        """Take a job out of every turn, or of one owner's turns only."""
        current, waiting = self._state
        owners = [owner] if only else None
        if current is not None and job in current.jobs and (not only or current.owner == owner):
            others = tuple(each for each in current.jobs if each != job)
            if only and job == self._running:  # it goes on for somebody else, in their turn
                taken = next(turn for turn in waiting if job in turn.jobs and turn.owner != owner)
                rest = [] if not others else [replace(current, jobs=others)]
                waiting = (*(turn for turn in waiting if turn.number != taken.number), *rest)
                current = replace(taken, jobs=(job, *(each for each in taken.jobs if each != job)))
            elif others:
                current = replace(current, jobs=others)
            else:
                waiting = tuple(after_service(waiting, current.owner, self._clock()))
                current = None
        self._become(current, without_job(waiting, job, owners))
        if job not in self.order():
            self._work.pop(job, None)

    def move_up(self, job: str) -> None:
        """Let the turn of a waiting job be the next that begins."""
        current, waiting = self._state
        chosen = next((turn for turn in in_fair_order(waiting, current) if job in turn.jobs), None)
        if chosen is not None:
            moved = replace(chosen, front=self._clock())
            self._become(current, [moved if turn.number == moved.number else turn for turn in waiting])

    def _become(self, current: Turn | None, waiting: Sequence[Turn]) -> None:
        """Take a new state; the table keeps all of it but the job that has begun."""
        self._state = current, tuple(waiting)
        self.write_again()

    def write_again(self) -> None:
        """Let the table have the queue as it is; nothing is written if it has."""
        current, waiting = self._state
        turns = [*([] if current is None else [current]), *waiting]
        if self._running is not None:
            turns = [replace(turn, jobs=tuple(job for job in turn.jobs if job != self._running)) for turn in turns]
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
