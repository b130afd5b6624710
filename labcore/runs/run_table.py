"""Runs and their events in the database: each method one transaction or one query."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from labcore.config.spec import Spec
from labcore.database.schema import EVENTS, RUNS
from labcore.results.run import FinishedRun, Run, finished_runs
from labcore.runs.home_database import home_database
from labcore.runs.run_rows import row_of, run_of_row, state_columns
from labcore.runs.spec_key import spec_key

THERE = RUNS.c.deleted.is_(None)


class RunTable:
    """The rows of runs. Every method raises OSError if the database refuses it, or can't be reached."""

    def __init__(self, home: Path):
        self.database = home_database(home)

    # -- writing -----------------------------------------------------------------------------------

    def add(self, runs: Sequence[Run]) -> None:
        """Add new runs: all of them, or none."""
        with self.database.to_write(make=True) as connection:
            connection.execute(insert(RUNS), [row_of(run) for run in runs])

    def write(self, run_id: str, state: Run | None, first: int, lines: Sequence[str]) -> None:
        """Set a run's state, and add lines of events, of which the first has the place `first`: all of it, or nothing.

        Lines that are there already, of a writing that was thought to have failed, are not added again.
        Raises FileNotFoundError if there is no such run.
        """
        try:
            with self.database.to_write() as connection:
                if lines:
                    self._add_events(connection, run_id, first, lines)
                if state is not None:
                    self._change(connection, run_id, **state_columns(state))
        except IntegrityError:  # events of no run
            raise _deleted(run_id) from None

    def change(self, run_id: str, **columns: str | None) -> None:
        """Set some columns of a run. Raises FileNotFoundError if there is no such run."""
        with self.database.to_write() as connection:
            self._change(connection, run_id, **columns)

    def restore(self, run_id: str) -> None:
        """Take back that a run was deleted. Raises FileNotFoundError if it was not."""
        there = (RUNS.c.id == run_id) & RUNS.c.deleted.is_not(None)
        with self.database.to_write() as connection:
            if connection.execute(update(RUNS).where(there).values(deleted=None)).rowcount == 0:
                raise _deleted(run_id)

    def keep_events(self, run_id: str, count: int) -> None:
        """Take all events of a run after the first `count` out of the table."""
        with self.database.to_write() as connection:
            connection.execute(delete(EVENTS).where(EVENTS.c.run == run_id, EVENTS.c.place >= count))

    def erase(self, run_id: str) -> None:
        """Take a run out of the tables with its events, for good."""
        with self.database.to_write() as connection:
            connection.execute(delete(RUNS).where(RUNS.c.id == run_id))

    # -- reading -----------------------------------------------------------------------------------

    def read(self, run_id: str) -> Run | None:
        """One run; None if there is none. Raises ValueError, KeyError or TypeError if its row is damaged."""
        with self.database.to_read() as connection:
            row = connection.execute(select(RUNS).where(RUNS.c.id == run_id, THERE)).one_or_none()
        return None if row is None else run_of_row(row._asdict())

    def owner_of(self, run_id: str) -> str | None:
        """Whose run it is, also if it was deleted. Raises FileNotFoundError if there is no such run."""
        with self.database.to_read() as connection:
            row = connection.execute(select(RUNS.c.owner).where(RUNS.c.id == run_id)).one_or_none()
        if row is None:
            raise _deleted(run_id)
        owner: str | None = row.owner
        return owner

    def all(self) -> list[Run]:
        """Every run that is not damaged, newest first."""
        return self._runs()

    def ids(self, deleted_since: str) -> frozenset[str]:
        """The ids of all runs, and of those that were deleted after this time (ISO 8601, UTC) and may come back."""
        with self.database.to_read() as connection:
            chosen = select(RUNS.c.id).where(THERE | (RUNS.c.deleted > deleted_since))
            return frozenset(connection.execute(chosen).scalars())

    def ids_of(self, owner: str) -> list[str]:
        """The ids of an owner's runs, also of deleted ones."""
        with self.database.to_read() as connection:
            return list(connection.execute(select(RUNS.c.id).where(RUNS.c.owner == owner)).scalars())

    def finished(self) -> list[FinishedRun]:
        """Every run that has a result, newest first."""
        return finished_runs(self._runs(RUNS.c.result.is_not(None)))

    def finished_of(self, spec: Spec) -> list[FinishedRun]:
        """Every run of this spec that has a result, newest first."""
        runs = finished_runs(self._runs(RUNS.c.spec_key == spec_key(spec), RUNS.c.result.is_not(None)))
        return [run for run in runs if run.spec == spec]

    def events(self, run_id: str, since: int = 0) -> dict[int, str]:
        """The lines of a run's events by their place, from `since` on, in order."""
        chosen = select(EVENTS.c.place, EVENTS.c.event).where(EVENTS.c.run == run_id, EVENTS.c.place >= since)
        with self.database.to_read() as connection:
            rows = connection.execute(chosen.order_by(EVENTS.c.place)).all()
        return {row.place: row.event for row in rows}

    def next_place(self, run_id: str) -> int:
        """The place of the next event of a run."""
        with self.database.to_read() as connection:
            last = connection.execute(select(func.max(EVENTS.c.place)).where(EVENTS.c.run == run_id)).scalar()
        return 0 if last is None else last + 1

    def _runs(self, *conditions: Any) -> list[Run]:
        with self.database.to_read() as connection:
            rows = connection.execute(select(RUNS).where(THERE, *conditions).order_by(RUNS.c.id.desc())).all()
        runs = []
        for row in rows:
            try:
                runs.append(run_of_row(row._asdict()))
            except (ValueError, KeyError, TypeError, AttributeError):  # damaged: the others still count
                continue
        return runs

    def _add_events(self, connection: Connection, run_id: str, first: int, lines: Sequence[str]) -> None:
        chosen = select(EVENTS.c.event).where(EVENTS.c.run == run_id, EVENTS.c.place >= first)
        there = list(connection.execute(chosen.order_by(EVENTS.c.place)).scalars())
        new = lines[len(there) :] if there == list(lines[: len(there)]) else lines
        rows = [{"run": run_id, "place": first + len(there) + i, "event": line} for i, line in enumerate(new)]
        if rows:
            connection.execute(insert(EVENTS), rows)

    def _change(self, connection: Connection, run_id: str, **columns: str | None) -> None:
        if connection.execute(update(RUNS).where(RUNS.c.id == run_id, THERE).values(**columns)).rowcount == 0:
            raise _deleted(run_id)


def _deleted(run_id: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"run {run_id}")
