"""The lab's database: the file HOME/lab.db, opened for each use, made and brought up to date on the way.

Nothing stays open between two uses, so the home can be unmounted, mended or replaced while a server runs. While a
process holds a run it keeps its connections (`keep_open`): then its many small writes need neither open the file nor
settle it each time.
"""

from __future__ import annotations

import errno
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from labcore.database.database_faults import DatabaseFault, as_system_errors, newer
from labcore.database.database_kind import Fill
from labcore.database.schema import REVISION
from labcore.database.sqlite_file import connect, connect_in_memory, connect_to_read, identity_of_file
from labcore.database.upgrade import is_known, revision_of, upgrade
from labcore.system.writable import home_error

FILE = "lab.db"
LOCK = "lab.db.lock"  # held while the tables are made or changed
LONGEST_CHANGE = 300.0  # seconds that one process waits for another's


class Database:
    """The tables of one home. fill: see `Fill`. old: whether there are files of an older lab."""

    def __init__(self, home: Path, fill: Fill, old: Callable[[], bool]):
        self.home, self.path = home, home / FILE
        self._fill, self._old = fill, old
        self._ready: tuple[int, int] | None = None  # the file whose tables are known to be up to date
        self._kept: sqlite3.Connection | None = None
        self._idle: list[Connection] = []  # those for later uses that nobody uses just now
        self._view: _View | None = None
        self._writer = _engine(partial(connect, self.path, "rw"))
        self._maker = _engine(partial(connect, self.path, "rwc"))
        self._reader = _engine(partial(connect_to_read, self.path))

    # -- use ---------------------------------------------------------------------------------------

    @contextmanager
    def to_read(self) -> Iterator[Connection]:
        """A connection to read with. Raises FileNotFoundError if there is no database, OSError if it can't be read."""
        with as_system_errors(self.path):
            engine = self._engine_to_read()
            kept = self._idle_connection() if engine is self._reader else None
            with self._returned(kept) if kept is not None else engine.connect() as connection:
                yield connection

    @contextmanager
    def to_write(self, *, make: bool = False) -> Iterator[Connection]:
        """A connection within a transaction, which ends with the block: all of it is written, or nothing.

        make: whether a database is made if there is none. Raises FileNotFoundError if not, and OSError if the disk
        refuses it; what breaks a rule of the tables raises SQLAlchemy's IntegrityError.
        """
        with as_system_errors(self.path):
            self._prepare(make)
            with self._returned(self._idle_connection() or self._writer.connect()) as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                if not is_known(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()):
                    raise newer(self.path)  # a newer lab has changed the tables since this process looked
                yield connection
                connection.commit()

    def fault(self) -> OSError | None:
        """Why a database that is there can't be read; None if it can, or if there is none."""
        try:
            with self.to_read():
                return None
        except FileNotFoundError:
            return None
        except OSError as error:
            return error

    def keep_open(self) -> None:
        """Keep one connection, and those that are made from now on for later uses; `let_go` closes them.

        Nobody uses that one: while it is open, no other that is closed settles the file's log.
        """
        if self._kept is None:
            with suppress(sqlite3.Error):
                self._kept = connect(self.path, "rw")
                self._kept.execute("SELECT 1 FROM sqlite_master").fetchone()

    def let_go(self) -> None:
        """Close the connections that were kept."""
        kept, self._kept = self._kept, None
        self._close_idle()
        if kept is not None:
            with suppress(sqlite3.Error):
                kept.close()

    @contextmanager
    def _returned(self, connection: Connection) -> Iterator[Connection]:
        """A connection that is kept after the block, if any are, and if nothing failed in it."""
        try:
            yield connection
            connection.rollback()  # else the file's log could not be emptied
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        if self._kept is None:
            self._close_idle()

    def _idle_connection(self) -> Connection | None:
        """A kept connection for this use alone; None if there is none. Another thread may take one at the same time."""
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _close_idle(self) -> None:
        while (connection := self._idle_connection()) is not None:
            with suppress(DBAPIError):
                connection.close()

    # -- made and brought up to date ---------------------------------------------------------------

    def _engine_to_read(self) -> Engine:
        try:
            with as_system_errors(self.path):
                self._prepare(make=self._old())
        except (DatabaseFault, IsADirectoryError):  # newer, damaged, locked, or no file
            raise
        except OSError as error:
            if identity_of_file(self.path) is None and not self._old():
                if error.errno in (errno.EROFS, errno.ENOSPC):  # it could be read, if it were there
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.path)) from None
                raise
            return self._viewed()  # of an older lab, on a disk that takes no change
        return self._reader

    def _prepare(self, make: bool) -> None:
        """Make sure that the tables are what this version needs. Raises OSError."""
        there = identity_of_file(self.path)
        if there is not None and there == self._ready:
            return
        self._close_idle()  # they are of another file
        if self.path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self.path))
        if there is None:
            if (error := home_error(self.home)) is not None:
                raise error
            if not make:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.path))
            self.home.mkdir(parents=True, exist_ok=True)
        if there is None or not self._up_to_date():
            self._change()
        self._view = None
        self._ready = identity_of_file(self.path)

    def _up_to_date(self) -> bool:
        with self._reader.connect() as connection:
            revision = revision_of(connection)
        if not is_known(revision):
            raise newer(self.path)
        return revision == REVISION

    def _change(self) -> None:
        """Make the tables, or bring them up to date, unless another process does just that. Raises OSError."""
        try:
            with FileLock(self.home / LOCK, timeout=LONGEST_CHANGE), self._maker.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                revision = revision_of(connection)
                if not is_known(revision):
                    raise newer(self.path)
                if revision != REVISION:
                    upgrade(connection)
                    self._fill(connection, revision)
                connection.commit()
        except Timeout:
            raise DatabaseFault(
                f"Another program has been changing the database {self.path} for minutes. Close it, then try again."
            ) from None

    def _viewed(self) -> Engine:
        """A database in memory that has what an older lab's database or files have."""
        of = identity_of_file(self.path)
        if self._view is None or self._view.of != of:
            name = f"lab-{secrets.token_hex(8)}"
            self._view = _View(of, connect_in_memory(name), _engine(partial(connect_in_memory, name)))
            if of is not None:
                with closing(connect_to_read(self.path)) as older:
                    older.backup(self._view.kept)
            with self._view.engine.connect() as connection:
                revision = revision_of(connection)
                upgrade(connection)
                if revision != REVISION:
                    self._fill(connection, revision)
                connection.commit()
        return self._view.engine


@dataclass(frozen=True)
class _View:
    """A database in memory. of: the file that it copies. kept: the connection without which it would be gone."""

    of: tuple[int, int] | None
    kept: sqlite3.Connection
    engine: Engine


def _engine(creator: Callable[[], sqlite3.Connection]) -> Engine:
    return create_engine("sqlite://", creator=creator, poolclass=NullPool)
