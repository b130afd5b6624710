"""The kinds of faults: of the disk below the home, of its database, of the clock and of other processes."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.layer import (
    CHANGE,
    EVERY,
    FROM,
    KILL,
    MAKE,
    MOVE,
    ONCE,
    OPEN,
    OPEN_TO_WRITE,
    REMOVE,
    WRITE,
    clock_set_back,
    failing,
)
from labcore.database import sqlite_file
from labcore.database.database import FILE

DAY = 86_400.0


@dataclass(frozen=True, kw_only=True)
class FileFault:
    """Calls of these kinds fail with an error. mode: from the n-th on, only the n-th, or the process is killed there.

    each: whether it is tried at every call; else at the first only.
    """

    name: str
    kinds: int
    error: int = 0
    mode: int = FROM
    each: bool = True

    def at(self, home: Path, first: int) -> AbstractContextManager[None]:
        """The fault, in a block."""
        return failing(home, self.mode, self.kinds, self.error, first)


FILE_FAULTS = (
    FileFault(
        name="read-only",
        kinds=MAKE | MOVE | REMOVE | CHANGE | OPEN_TO_WRITE,
        error=errno.EROFS,
        each=False,
    ),
    FileFault(name="full", kinds=WRITE | MAKE | MOVE, error=errno.ENOSPC),
    FileFault(name="one error", kinds=EVERY, error=errno.EIO, mode=ONCE),
    FileFault(name="broken", kinds=EVERY, error=errno.EIO),
    FileFault(name="no right", kinds=MAKE | MOVE | REMOVE | OPEN_TO_WRITE, error=errno.EACCES),
    FileFault(name="files open", kinds=OPEN, error=errno.EMFILE),
    FileFault(name="killed", kinds=EVERY, mode=KILL),
)


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Another connection holds the database's lock."""
    if not (home / FILE).is_file():
        yield
        return
    wait, sqlite_file.WAIT = sqlite_file.WAIT, 0.02
    try:
        with closing(sqlite3.connect(home / FILE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
    finally:
        sqlite_file.WAIT = wait


@contextmanager
def a_folder(home: Path) -> Iterator[None]:
    """A folder is in the place of the database."""
    away = home.with_name(f"{home.name}-away")
    away.mkdir()
    files = [file for file in home.glob(f"{FILE}*") if file.is_file()]
    for file in files:
        file.rename(away / file.name)
    (home / FILE).mkdir()
    yield
    for left in home.glob(f"{FILE}*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    for file in files:
        (away / file.name).rename(file)


@contextmanager
def gone(home: Path) -> Iterator[None]:
    """Somebody has deleted the database, for good."""
    for file in home.glob(f"{FILE}*"):
        file.unlink()
    yield


@contextmanager
def newer(home: Path) -> Iterator[None]:
    """The database says that a later version of the lab wrote it."""
    if not (home / FILE).is_file():
        yield
        return
    before = _revision(home, "9999")
    yield
    _revision(home, before)


def _revision(home: Path, new: str) -> str:
    with closing(sqlite3.connect(home / FILE, isolation_level=None)) as database:
        [(before,)] = database.execute("SELECT version_num FROM alembic_version").fetchall()
        database.execute("UPDATE alembic_version SET version_num = ?", (new,))
    return str(before)


# What happens to the home while the operation is done, by the column's name.
STATES: dict[str, Callable[[Path], AbstractContextManager[None]]] = {
    "locked": locked,
    "gone": gone,
    "a folder": a_folder,
    "newer": newer,
    "clock": lambda home: clock_set_back(DAY),
}
