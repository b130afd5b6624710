"""What an owner tells the class: a nickname, and whether it sees the owner's points."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table; nobody has told anything yet."""
    op.create_table(
        "owners",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("nickname", sa.Text, nullable=False),
        sa.Column("consent", sa.Text, nullable=False),
        sa.Column("created", sa.Text, nullable=False),
    )
