"""The rows of one database copied into another of the same revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from labcore.database.database_kind import DatabaseKind
from labcore.database.schema import ATTEMPTS, DATA_OWNERS, DATA_SETS, EVENTS, JOURNALS, OWNERS, RUNS

ROWS = 500  # that are written at a time


def copy_rows(source: DatabaseKind, target: DatabaseKind) -> dict[str, int]:
    """Copy what the target lacks, in one transaction; how many runs, events and so on were copied.

    What has a row of its id there is left as it is: a run with its events, an attempt, a data set. A data set that is
    there comes into the lists of more owners. What waits in the queue is not copied. Raises OSError if one of the
    databases refuses it; nothing is copied then.
    """
    with source.to_read() as reader, target.to_write(make=True) as writer:
        there = _ids(RUNS, writer)
        new = _ids(RUNS, reader) - there
        copied = {
            "runs": _copy(RUNS, "id", new, reader, writer),
            "events": _copy(EVENTS, "run", new, reader, writer),
            "owners": _copy_new(OWNERS, reader, writer),
            "attempts": _copy_new(ATTEMPTS, reader, writer),
            "tours": _copy_new(JOURNALS, reader, writer),
            "data sets": _copy_new(DATA_SETS, reader, writer),
            "already there": len(there),
        }
        _copy_lists(reader, writer)
        return copied


def _copy_new(table: Table, reader: Connection, writer: Connection) -> int:
    """Copy the rows whose key the target lacks; how many."""
    [key] = table.primary_key.columns
    return _copy(table, key.name, _ids(table, reader) - _ids(table, writer), reader, writer)


def _copy_lists(reader: Connection, writer: Connection) -> None:
    """Put data sets into the lists in which they are in the source, unless the target's was removed."""
    kept = set(writer.execute(select(DATA_SETS.c.hash).where(DATA_SETS.c.removed.is_(None))).scalars())
    known = {tuple(row) for row in writer.execute(select(DATA_OWNERS))}
    listed = [row for row in reader.execute(select(DATA_OWNERS)) if row.data in kept and tuple(row) not in known]
    if listed:
        writer.execute(insert(DATA_OWNERS), [row._asdict() for row in listed])


def _ids(table: Table, connection: Connection) -> set[Any]:
    [key] = table.primary_key.columns
    return set(connection.execute(select(key)).scalars())


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
