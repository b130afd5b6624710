"""The database of a home, and what it takes in of an earlier version's files: runs, attempts, journals, data sets."""

from __future__ import annotations

import os
from functools import lru_cache, partial
from pathlib import Path

from sqlalchemy import Connection

from labcore.data.own.old_data_folders import has_old_data, take_in_old_data
from labcore.database.database import Database
from labcore.database.database_kind import DatabaseKind
from labcore.database.open_database import open_database
from labcore.database.server_address import VARIABLE
from labcore.runs.old_entries import has_old_entries, take_in_old_entries
from labcore.runs.old_run_folders import has_old_runs, take_in_old_runs

ENTRIES = "0006"  # the first revision that has attempts, journals and data sets


def home_database(home: Path) -> DatabaseKind:
    """The database of a home: on the server that LAB_DATABASE_URL names, else the file in the home."""
    return open_database(home, partial(_take_in, home), partial(_has_old_files, home))


def shared_database(home: Path) -> DatabaseKind:
    """The database of a home for whoever has no store: one for all of this process, so that connections are shared."""
    return _shared(home, os.environ.get(VARIABLE, ""))


def own_database(home: Path) -> Database:
    """The file in a home, whatever LAB_DATABASE_URL names."""
    return Database(home, partial(_take_in, home), partial(_has_old_files, home))


@lru_cache(maxsize=4)
def _shared(home: Path, address: str) -> DatabaseKind:
    return home_database(home)


def _take_in(home: Path, connection: Connection, before: str | None) -> None:
    """Put an older lab's files into tables that were of the revision `before`; None if they are new."""
    if before is None:
        take_in_old_runs(home / "runs", connection)
    if before is None or before < ENTRIES:
        take_in_old_entries(home, connection)
        take_in_old_data(home / "data", connection)


def _has_old_files(home: Path) -> bool:
    return has_old_runs(home / "runs") or has_old_entries(home) or has_old_data(home / "data")
