"""What is known of data sets, and in whose lists they are, as rows of the database: each method one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from labcore.data.own.data_summary import DataRow
from labcore.database.database_kind import DatabaseKind
from labcore.database.schema import DATA_OWNERS, DATA_SETS

NOBODY = ""  # as an owner in the table
THERE = DATA_SETS.c.removed.is_(None)


class DataTable:
    """The rows of data sets. Every method raises OSError if the database refuses it, or can't be reached."""

    def __init__(self, database: DatabaseKind):
        self._database = database

    def read(self, data_hash: str) -> DataRow | None:
        """What is known of a data set, also of a removed one; None if it was never there."""
        rows = self._rows(DATA_SETS.c.hash == data_hash)
        return rows[0] if rows else None

    def all(self) -> list[DataRow]:
        """Every data set that is not removed, the newest first."""
        return sorted(self._rows(THERE), key=lambda row: (row.created, row.hash), reverse=True)

    def keep(self, data_hash: str, columns: Mapping[str, str], owner: str | None, *, over: DataRow | None) -> None:
        """Keep a data set in an owner's list. over: a row that it replaces, of a removed or damaged one.

        If another process has kept it meanwhile, that one's row stays, and is in this owner's list too.
        """
        try:
            with self._database.to_write(make=True) as connection:
                if over is None:
                    connection.execute(insert(DATA_SETS), [{"hash": data_hash, **columns}])
                else:
                    old = (DATA_SETS.c.hash == data_hash) & (DATA_SETS.c.content == over.content)
                    connection.execute(update(DATA_SETS).where(old).values(**columns, removed=None))
                _add_owner(connection, data_hash, owner)
        except IntegrityError:
            self.add_owner(data_hash, owner)

    def add_owner(self, data_hash: str, owner: str | None) -> bool:
        """Put a data set into an owner's list too; False if somebody has just removed it."""
        own = select(DATA_SETS.c.hash).where(DATA_SETS.c.hash == data_hash, THERE).with_for_update()
        with self._database.to_write() as connection:
            if connection.execute(own).first() is None:
                return False
            _add_owner(connection, data_hash, owner)
        return True

    def rename(self, data_hash: str, name: str) -> None:
        """Give a data set another name."""
        with self._database.to_write() as connection:
            connection.execute(update(DATA_SETS).where(DATA_SETS.c.hash == data_hash, THERE).values(name=name))

    def take_owner(self, data_hash: str, owner: str) -> bool:
        """Take a data set out of an owner's list; whether it is still in somebody's.

        If not, it stays in this owner's, until it is removed.
        """
        of = DATA_OWNERS.c.data == data_hash
        with self._database.to_write() as connection:
            # Two who give it up at once: the second waits here, and sees what the first has left.
            connection.execute(select(DATA_SETS.c.hash).where(DATA_SETS.c.hash == data_hash).with_for_update())
            others = set(connection.execute(select(DATA_OWNERS.c.owner).where(of)).scalars()) - {owner}
            if others:
                connection.execute(delete(DATA_OWNERS).where(of, DATA_OWNERS.c.owner == owner))
        return bool(others)

    def remove(self, data_hash: str, left: Mapping[str, str] | None) -> None:
        """Remove a data set from every list; left: the columns of what stays known of it, None for nothing."""
        own = DATA_SETS.c.hash == data_hash
        with self._database.to_write() as connection:
            connection.execute(delete(DATA_OWNERS).where(DATA_OWNERS.c.data == data_hash))
            if left is None:
                connection.execute(delete(DATA_SETS).where(own))
            else:
                now = datetime.now(UTC).isoformat(timespec="seconds")
                connection.execute(update(DATA_SETS).where(own).values(**left, removed=now))

    def _rows(self, *conditions: Any) -> list[DataRow]:
        """The chosen rows; none if there is no database."""
        chosen = select(DATA_SETS, DATA_OWNERS.c.owner).outerjoin(DATA_OWNERS).where(*conditions)
        try:
            with self._database.to_read() as connection:
                rows = connection.execute(chosen).all()
        except FileNotFoundError:
            return []
        owners: dict[str, set[str | None]] = {}
        for row in rows:
            owners.setdefault(row.hash, set()).add(row.owner or None)
        return [
            DataRow(
                hash=row.hash,
                name=row.name,
                created=row.created,
                content=row.content,
                removed=row.removed is not None,
                owners=frozenset(owners[row.hash]),
            )
            for row in {row.hash: row for row in rows}.values()
        ]


def _add_owner(connection: Connection, data_hash: str, owner: str | None) -> None:
    known = select(DATA_OWNERS).where(DATA_OWNERS.c.data == data_hash, DATA_OWNERS.c.owner == (owner or NOBODY))
    if connection.execute(known).first() is None:
        connection.execute(insert(DATA_OWNERS), [{"data": data_hash, "owner": owner or NOBODY}])
