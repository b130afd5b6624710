"""Whose run it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; the runs that are there are nobody's."""
    op.add_column("runs", sa.Column("owner", sa.Text))
