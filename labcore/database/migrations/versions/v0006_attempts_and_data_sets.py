"""Attempts at the exercise, journals of the tour, and what is known of data sets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables; labcore.runs.home_database fills them from an older lab's files."""
    for name in ("attempts", "journals"):
        op.create_table(
            name,
            sa.Column("id", sa.Text, primary_key=True),
            sa.Column("owner", sa.Text),
            sa.Column("content", sa.Text, nullable=False),
            sa.Column("changed", sa.Text, nullable=False),
        )
    op.create_table(
        "data_sets",
        sa.Column("hash", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "created", "content")),
        sa.Column("removed", sa.Text),
    )
    op.create_table(
        "data_owners",
        sa.Column("data", sa.Text, sa.ForeignKey("data_sets.hash", ondelete="CASCADE"), primary_key=True),
        sa.Column("owner", sa.Text, primary_key=True),
    )
