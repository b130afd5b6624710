"""The tables made, or brought up to date: one file of `migrations/versions` after the other."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from labcore.database.schema import REVISION

FOLDER = Path(__file__).parent / "migrations"


def revision_of(connection: Connection) -> str | None:
    """The revision of a database's tables; None if it has none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def is_known(revision: str | None) -> bool:
    """Whether this version of the lab can read a revision, or bring it up to date."""
    return revision is None or revision <= REVISION


def upgrade(connection: Connection, to: str = REVISION) -> None:
    """Bring the tables to a revision, within the connection's transaction: all of it, or nothing."""
    from alembic import command  # takes half a second to import, and is needed only if something is to be done
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
