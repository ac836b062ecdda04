"""Event groups: which event each order tells of, by whom, when and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, empty: `triage hot --keep` fills it from the ledger."""
    op.create_table(
        "event_member",
        sa.Column("order_id", sa.String(24)),
        sa.Column("event_id", sa.String(24), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("problem", sa.String(128), nullable=False),
        sa.Column("why", sa.String(8), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("judge", sa.String(128), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_event_member"),
    )
    for column in ("event_id", "problem"):
        op.create_index(
            f"ix_event_member_{column}_received_at", "event_member", [column, "received_at"]
        )
    op.create_index("ix_event_member_received_at", "event_member", ["received_at"])
    op.create_index("ix_event_member_seq", "event_member", ["seq"])


def downgrade() -> None:
    """Drop the table; the ledger keeps what people merged and took apart."""
    op.drop_table("event_member")
