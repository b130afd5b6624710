"""Alembic's entry: runs the changes on the connection that `labcore.database.upgrade` opened."""

from __future__ import annotations

from alembic import context

from labcore.database.schema import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
