"""Indexes for a long queue and a long ledger: places by region and by level, the mode in force."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_STANDING = sa.text("to_seq IS NULL")
_LEFT = sa.text("to_seq IS NOT NULL")
_MODE = sa.text("kind = 'mode'")


def upgrade() -> None:
    """Make the indexes; that of places left no longer holds those that stand."""
    op.drop_index("ix_queue_to_seq", "queue_entry")
    op.create_index(
        "ix_queue_to_seq", "queue_entry", ["to_seq"], sqlite_where=_LEFT, postgresql_where=_LEFT
    )
    for column in ("region", "level"):
        op.create_index(
            f"ix_queue_{column}_normal",
            "queue_entry",
            [column, sa.text("rank_normal DESC"), "order_id"],
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        )
    op.create_index(
        "ix_ledger_mode_seq", "ledger", ["seq"], sqlite_where=_MODE, postgresql_where=_MODE
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_ledger_mode_seq", "ledger")
    for column in ("level", "region"):
        op.drop_index(f"ix_queue_{column}_normal", "queue_entry")
    op.drop_index("ix_queue_to_seq", "queue_entry")
    op.create_index("ix_queue_to_seq", "queue_entry", ["to_seq"])
