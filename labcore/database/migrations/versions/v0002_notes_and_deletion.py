"""A run's note and tags, and when it was deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; they are empty in the runs that are there."""
    for name in ("note", "tags", "deleted"):
        op.add_column("runs", sa.Column(name, sa.Text))
