"""The database of a home: on the server that LAB_DATABASE_URL names, else the file in the home."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from labcore.database.database import Database
from labcore.database.database_faults import DatabaseFault
from labcore.database.database_kind import DatabaseKind, Fill
from labcore.database.refused_database import RefusedDatabase
from labcore.database.server_address import server_address
from labcore.database.server_database import ServerDatabase


def open_database(home: Path, fill: Fill, old: Callable[[], bool]) -> DatabaseKind:
    """A home's database; see `Database` for fill and old.

    If LAB_DATABASE_URL is not allowed, or its package missing, each use of the database raises why.
    """
    try:
        address = server_address()
        return Database(home, fill, old) if address is None else ServerDatabase(address, fill)
    except DatabaseFault as error:
        return RefusedDatabase(error)
