"""Where the lab's database is: LAB_DATABASE_URL names a PostgreSQL server; without it, it is a file in the home."""

from __future__ import annotations

import os

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from labcore.database.database_faults import DatabaseFault

VARIABLE = "LAB_DATABASE_URL"
DIALECTS = ("postgresql", "postgresql+psycopg")


def server_address() -> URL | None:
    """The address of the PostgreSQL server; None if the database is a file in the home. Raises DatabaseFault."""
    given = os.environ.get(VARIABLE, "").strip()
    return checked_address(given) if given else None


def checked_address(given: str) -> URL:
    """The address of a PostgreSQL server, for psycopg. Raises DatabaseFault, whose text never has the password."""
    allowed = f"{VARIABLE} must be like postgresql://user:password@host/database"
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):  # its text would have the password
        raise DatabaseFault(f"{allowed}; what is given is no such address.") from None
    if url.drivername not in DIALECTS:
        raise DatabaseFault(f"{allowed}; the given one begins with {url.drivername}:. Leave it out to use HOME/lab.db.")
    if not url.database:
        raise DatabaseFault(f"{allowed}; the given one names no database.")
    return url.set(drivername="postgresql+psycopg")


def words_of(url: URL) -> str:
    """The database and its host, as a sentence has them: without user and password."""
    host = url.host or url.query.get("host") or "this computer"
    return f"{url.database} on {host}"
