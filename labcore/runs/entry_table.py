"""What a person keeps under an id that nobody can guess: attempts at the exercise, and journals of the tour.

The ids are addresses: whoever has one opens the entry. What an entry means is in labcore.exercise.attempt_store and
labcore.runs.journals.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from labcore.database.database_kind import DatabaseKind
from labcore.runs.old_entries import is_entry_id, old_entry_file


@dataclass(frozen=True)
class Entry:
    """JSON text, and whose it is. changed: the moment of this state; no other state of the entry has it."""

    content: str
    owner: str | None = None
    changed: str = ""


class EntryTable:
    """The rows of one table, and the files of an older lab that they came from."""

    def __init__(self, home: Path, database: DatabaseKind, table: Table):
        self._home, self._database, self._table = home, database, table

    def read(self, entry_id: str) -> Entry:
        """One entry. Raises FileNotFoundError if there is none, and OSError if it can't be read."""
        if is_entry_id(entry_id):
            rows = self._rows(self._table.c.id == entry_id)
            if entry_id in rows:
                return rows[entry_id]
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{self._table.name} {entry_id}")

    def all(self) -> dict[str, Entry]:
        """Every entry by its id; none if the database can't be read."""
        try:
            return self._rows()
        except OSError:
            return {}

    def write(self, entry_id: str, entry: Entry, *, over: str | None = None) -> bool:
        """Write an entry whole; one that is there keeps its owner. Whether it was written. Raises OSError.

        over: write it only over the state with this moment, which nobody has changed or removed since.
        """
        try:
            return self._write(entry_id, entry, over)
        except IntegrityError:  # another process was the first to write it
            return self._write(entry_id, entry, over)

    def _write(self, entry_id: str, entry: Entry, over: str | None) -> bool:
        own = self._table.c.id == entry_id
        chosen = own if over is None else own & (self._table.c.changed == over)
        columns = {"content": entry.content, "changed": entry.changed}
        with self._database.to_write(make=True) as connection:
            if connection.execute(update(self._table).where(chosen).values(**columns)).rowcount:
                return True
            if over is not None:
                return False
            connection.execute(insert(self._table), [columns | {"id": entry_id, "owner": entry.owner}])
            return True

    def remove_of(self, owner: str) -> None:
        """Delete an owner's entries for good, with the files that they came from. Raises OSError."""
        own = self._table.c.owner == owner
        ids = list(self._rows(own))
        with self._database.to_write(make=True) as connection:
            connection.execute(delete(self._table).where(own))
        for entry_id in ids:
            old_entry_file(self._home, self._table, entry_id).unlink(missing_ok=True)

    def _rows(self, *conditions: ColumnElement[bool]) -> dict[str, Entry]:
        """The chosen entries; none if there is no database."""
        try:
            with self._database.to_read() as connection:
                rows = connection.execute(select(self._table).where(*conditions)).all()
        except FileNotFoundError:
            return {}
        return {row.id: Entry(row.content, row.owner, row.changed) for row in rows}
