"""What waits in the queue, as the database keeps it: so the order outlasts a restart.

The queue in memory is what counts. What the disk does not take is written with the next change.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from itertools import groupby

from sqlalchemy import Row, delete, insert, select

from labcore.database.database_kind import DatabaseKind
from labcore.database.schema import QUEUE, QUEUE_STATE, RUNS
from labcore.runs.fair_order import Turn
from labcore.teacher.own_teachers import OWN

STATE = "state"


class QueueTable:
    """The rows of waiting jobs. It keeps what it has written, so that it writes only what differs."""

    def __init__(self, database: DatabaseKind):
        self._database = database
        self._written: dict[int, Turn] = {}

    def write(self, turns: Iterable[Turn]) -> None:
        """Make the rows of this process's turns be these. If the disk refuses it, the next call tries again."""
        wanted = {turn.number: turn for turn in turns if turn.jobs}
        changed = [turn for number, turn in wanted.items() if self._written.get(number) != turn]
        stale = [number for number, turn in self._written.items() if wanted.get(number) != turn]
        if not changed and not stale:
            return
        numbers = [*stale, *(turn.number for turn in changed)]
        with suppress(OSError):
            with self._database.to_write() as connection:
                connection.execute(delete(QUEUE).where(QUEUE.c.turn.in_(numbers)))
                if changed:
                    connection.execute(insert(QUEUE), [row for turn in changed for row in _rows_of(turn)])
            self._written = wanted  # not before the transaction has ended

    def take_over(self, turns: Iterable[Turn]) -> None:
        """Regard these rows, which another process has written, as this one's."""
        self._written |= {turn.number: turn for turn in turns}

    def waiting(self) -> list[Turn]:
        """The turns of every process, as far as their jobs have not begun: runs that are queued, and teachers.

        Raises OSError if the database can't be read.
        """
        there = select(RUNS.c.id).where(RUNS.c.status == "queued", RUNS.c.deleted.is_(None))
        chosen = select(QUEUE).where(QUEUE.c.job.in_(there) | QUEUE.c.job.startswith(OWN))
        with self._database.to_read() as connection:
            rows = connection.execute(chosen.order_by(QUEUE.c.turn, QUEUE.c.step)).all()
        return [_turn_of(list(group)) for _, group in groupby(rows, key=lambda row: row.turn)]

    def state(self) -> str | None:
        """The queue's state as it was kept; None if none was. Raises OSError."""
        with self._database.to_read() as connection:
            value: str | None = connection.execute(
                select(QUEUE_STATE.c.value).where(QUEUE_STATE.c.name == STATE)
            ).scalar()
        return value

    def keep_state(self, state: str | None) -> None:
        """Keep the queue's state for the next start; None takes it away. Raises OSError."""
        with self._database.to_write(make=True) as connection:
            connection.execute(delete(QUEUE_STATE).where(QUEUE_STATE.c.name == STATE))
            if state is not None:
                connection.execute(insert(QUEUE_STATE), [{"name": STATE, "value": state}])


def _rows_of(turn: Turn) -> list[dict[str, str | int | None]]:
    """One row for each job of a turn."""
    own = {"turn": turn.number, "owner": turn.owner, "since": turn.since, "front": turn.front}
    return [own | {"job": job, "step": step} for step, job in enumerate(turn.jobs)]


def _turn_of(rows: list[Row[tuple[object, ...]]]) -> Turn:
    first = rows[0]
    return Turn(
        number=first.turn,
        owner=first.owner,
        jobs=tuple(row.job for row in rows),
        since=first.since,
        front=first.front,
    )
