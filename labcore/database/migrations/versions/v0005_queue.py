"""What waits in the queue, in which turns, and whether the queue is paused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the two tables; nothing waits."""
    op.create_table(
        "queue",
        sa.Column("turn", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("job", sa.Text, primary_key=True),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("front", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "queue_state",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
