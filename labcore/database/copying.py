"""The rows of one database copied into another of the same revision: runs with their events, and owners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import Connection, Table, insert, select

from labcore.database.database_kind import DatabaseKind
from labcore.database.schema import EVENTS, OWNERS, RUNS

ROWS = 500  # that are written at a time


def copy_rows(source: DatabaseKind, target: DatabaseKind) -> dict[str, int]:
    """Copy what the target lacks, in one transaction; how many runs, events and owners were copied.

    A run whose id is there is left as it is, with its events. What waits in the queue is not copied.
    Raises OSError if one of the databases refuses it; nothing is copied then.
    """
    with source.to_read() as reader, target.to_write(make=True) as writer:
        there = set(writer.execute(select(RUNS.c.id)).scalars())
        new = set(reader.execute(select(RUNS.c.id)).scalars()) - there
        known = set(writer.execute(select(OWNERS.c.id)).scalars())
        return {
            "runs": _copy(RUNS, "id", new, reader, writer),
            "events": _copy(EVENTS, "run", new, reader, writer),
            "owners": _copy(OWNERS, "id", set(reader.execute(select(OWNERS.c.id)).scalars()) - known, reader, writer),
            "already there": len(there),
        }


def _copy(table: Table, column: str, ids: set[str], reader: Connection, writer: Connection) -> int:
    """Copy the rows whose column is one of the ids; how many."""
    copied = 0
    rows = (
        row for part in _parts(sorted(ids)) for row in reader.execute(select(table).where(table.c[column].in_(part)))
    )
    while part := [row._asdict() for row in islice(rows, ROWS)]:
        writer.execute(insert(table), part)
        copied += len(part)
    return copied


def _parts(ids: Iterable[str]) -> Iterator[list[str]]:
    """The ids in lists that a query takes."""
    remaining = iter(ids)
    while part := list(islice(remaining, ROWS)):
        yield part
