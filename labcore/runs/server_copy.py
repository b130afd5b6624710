"""A home's own database copied into the PostgreSQL database that LAB_DATABASE_URL names."""

from __future__ import annotations

from pathlib import Path

from labcore.config.checks import SpecError
from labcore.database.copying import copy_rows
from labcore.database.server_address import VARIABLE, server_address
from labcore.database.server_database import ServerDatabase
from labcore.runs.home_database import own_database


def copy_to_server(home: Path) -> dict[str, int]:
    """Copy what the server lacks; how many of each.

    The home stays as it is, but for an older lab's files, which its database takes in first. Raises SpecError without
    LAB_DATABASE_URL, and OSError if a database refuses it; nothing is copied then.
    """
    address = server_address()
    if address is None:
        raise SpecError(f"{VARIABLE} is not set; set it to the database to copy to, as postgresql://user@host/database")
    return copy_rows(own_database(home), ServerDatabase(address, fill=lambda connection, before: None))
