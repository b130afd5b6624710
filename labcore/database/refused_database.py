"""A database whose address is not allowed, or whose package is missing: each use raises why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection


class RefusedDatabase:
    """Nothing is kept and nothing read, as if the database were away."""

    def __init__(self, reason: OSError):
        self._reason = reason

    @contextmanager
    def to_read(self) -> Iterator[Connection]:
        """Raises the reason, an OSError."""
        raise self._reason
        yield  # a context manager needs it

    @contextmanager
    def to_write(self, *, make: bool = False) -> Iterator[Connection]:
        """Raises the reason, an OSError, whatever `make` is."""
        raise self._reason
        yield

    def fault(self) -> OSError | None:
        """The reason."""
        return self._reason

    def keep_open(self) -> None:
        """Nothing: there is no connection."""

    def let_go(self) -> None:
        """Nothing: there is no connection."""
