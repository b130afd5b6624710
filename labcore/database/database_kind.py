"""What the lab needs of a database, be it a file or on a server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection

Fill = Callable[[Connection], None]


class DatabaseKind(Protocol):
    """A database with the lab's tables. `Database` has the words for each method."""

    def to_read(self) -> AbstractContextManager[Connection]: ...
    def to_write(self, *, make: bool = False) -> AbstractContextManager[Connection]: ...
    def fault(self) -> OSError | None: ...
    def keep_open(self) -> None: ...
    def let_go(self) -> None: ...
