"""What a database refuses, as the system's error behind it, so that labcore.system.faults has the words for it."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, IntegrityError

from labcore.system.faults import one_line
from labcore.system.writable import home_error

BUSY, LOCKED, NO_MEMORY, READ_ONLY, IO, CORRUPT, FULL, CANT_OPEN, NO_DATABASE = 5, 6, 7, 8, 10, 11, 13, 14, 26
MOVED = 1032  # the file is no longer where it was opened


class DatabaseFault(OSError):
    """A database that can't be used now; its text has the reason and what to do."""

    for_people = True  # see labcore.system.faults


def newer(path: Path) -> DatabaseFault:
    """The fault of a database that a later version of the lab wrote."""
    return DatabaseFault(
        f"The database {path} was written by a newer version of the lab. Use that version, or give another home."
    )


@contextmanager
def as_system_errors(path: Path) -> Iterator[None]:
    """Raise OSError for what the database in this file refuses in the block.

    What breaks a rule of the tables passes: SQLAlchemy's IntegrityError.
    """
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise system_error(error.orig, path) from error
    except sqlite3.Error as error:
        raise system_error(error, path) from error


def system_error(error: BaseException | None, path: Path) -> OSError:
    """The system's error behind SQLite's; it names the home that the file is in."""
    home = path.parent
    extended = getattr(error, "sqlite_errorcode", None)
    code = None if extended is None else extended & 0xFF
    if code in (BUSY, LOCKED):
        return DatabaseFault(f"Another program keeps the database {path} locked. Close that program, then try again.")
    if code in (CORRUPT, NO_DATABASE):
        return DatabaseFault(f"The database {path} is damaged. Put back a copy of it, or give another home.")
    if code == FULL:
        return _of(errno.ENOSPC, home)
    if code in (READ_ONLY, IO, CANT_OPEN):
        if (known := home_error(home)) is not None:
            return known
        if not os.path.isfile(path) or extended == MOVED:
            return _of(errno.ENOENT, path)
        return _of({READ_ONLY: errno.EROFS, IO: errno.EIO, CANT_OPEN: errno.EACCES}[code], path)
    return DatabaseFault(
        f"The database {path} can't be used ({one_line(f'{error}')}). Try again, or give another home."
    )


def _of(code: int, path: Path) -> OSError:
    return OSError(code, os.strerror(code), str(path))
