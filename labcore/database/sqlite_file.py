"""Connections to a SQLite file: many processes write to it, and each sees what the others wrote.

Write-ahead logging lets readers go on while somebody writes. It keeps two files beside the database, `-wal` and
`-shm`, until the last connection closes.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

WAIT = 10.0  # seconds for another process to end its writing
CHECKPOINT = 250  # pages in `-wal` after which they move to the database; 1 MB, so that a small disk lasts


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection without transactions of its own. Raises sqlite3.Error.

    mode: `rw` for a file that is there, `rwc` to make it if not.
    """
    connection = _open(_uri(path, f"mode={mode}"))
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
        if mode == "rwc":
            connection.execute("PRAGMA journal_mode = WAL")  # stays with the file
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that may read only, also on a disk that is full or read-only. Raises sqlite3.Error."""
    connection = _open(_uri(path, "mode=rw"))
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        return connection
    except sqlite3.OperationalError:
        connection.close()
        if not _complete(path):
            raise
    # Without a lock and without `-shm`, for which there is no room: nothing is in `-wal` that the file lacks.
    return _open(_uri(path, "mode=ro&immutable=1"))


def connect_in_memory(name: str) -> sqlite3.Connection:
    """A connection to a database of this process, gone when the last closes. Raises sqlite3.Error."""
    return _open(f"file:{name}?mode=memory&cache=shared")


def identity_of_file(path: Path) -> tuple[int, int] | None:
    """Which file is at a path; None if there is none that can be seen."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _open(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=WAIT, isolation_level=None, check_same_thread=False)


def _uri(path: Path, parameters: str) -> str:
    return f"{Path(os.path.abspath(path)).as_uri()}?{parameters}"


def _complete(path: Path) -> bool:
    """Whether the file has all that was written: `-wal` is empty or not there."""
    try:
        return os.stat(f"{path}-wal").st_size == 0
    except OSError:
        return True
