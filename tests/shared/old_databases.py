"""Databases of earlier revisions with data in them."""

from __future__ import annotations

from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from labcore.database.database import FILE
from labcore.database.upgrade import FOLDER, upgrade

SCRIPTS = ScriptDirectory(str(FOLDER))
REVISIONS = [script.revision for script in SCRIPTS.walk_revisions()][::-1]

# A finished run and its first event, as the first revision held them. These words never change.
FIRST_RUN = {
    "id": "20260101-000000-0000000",
    "spec": '{"teacher":"reviews","task":"reviews","steps":[{"kind":"keep_layers","count":3}],"distil":{"seed":7}}',
    "spec_key": "15e69ac6c1d3441103cabc62567d4649",
    "status": "stopped",
    "created": "2026-01-01T00:00:00+00:00",
    "name": "mine",
}
FIRST_EVENT = '{"event": "preparing", "done": 1, "total": 2, "elapsed": 0.1}'


def fill_first(connection: Connection) -> None:
    columns = ", ".join(FIRST_RUN)
    connection.execute(text(f"INSERT INTO runs ({columns}) VALUES (:{', :'.join(FIRST_RUN)})"), FIRST_RUN)
    connection.execute(
        text("INSERT INTO events (run, place, event) VALUES (:run, 0, :event)"),
        {"run": FIRST_RUN["id"], "event": FIRST_EVENT},
    )


def database_at(home: Path, revision: str) -> None:
    """A home whose database is of a revision, with a run of the first."""
    home.mkdir()
    with create_engine(f"sqlite:///{home / FILE}", poolclass=NullPool).begin() as connection:
        upgrade(connection, REVISIONS[0])
        fill_first(connection)
        upgrade(connection, revision)
