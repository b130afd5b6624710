"""What the lab needs of a database, be it a file or on a server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection

# Puts an older lab's files into tables that were made or changed; it gets the revision before, None for new tables.
Fill = Callable[[Connection, str | None], None]


class DatabaseKind(Protocol):
    """A database with the lab's tables. `Database` has the words for each method."""

    def to_read(self) -> AbstractContextManager[Connection]:
        """A connection to read with."""

    def to_write(self, *, make: bool = False) -> AbstractContextManager[Connection]:
        """A connection within a transaction, which ends with the block."""

    def fault(self) -> OSError | None:
        """Why a database that is there can't be read; None if it can."""

    def keep_open(self) -> None:
        """Keep a connection while this process holds a run."""

    def let_go(self) -> None:
        """Close the connection that was kept."""
