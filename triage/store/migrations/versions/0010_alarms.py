"""Alarms: what was out of the ordinary, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, empty: `triage alarms run` fills it."""
    op.create_table(
        "alarm",
        sa.Column("id", sa.String(24)),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("series", sa.String(128), nullable=False),
        sa.Column("area", sa.String(16), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("merged_into", sa.String(24), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alarm"),
    )
    op.create_index("ix_alarm_opened_at", "alarm", ["opened_at", "id"])
    op.create_index("ix_alarm_series_opened_at", "alarm", ["series", "opened_at"])
    op.create_index("ix_alarm_state_opened_at", "alarm", ["state", "opened_at", "id"])


def downgrade() -> None:
    """Drop the table; the ledger keeps which alarms were raised and how they ended."""
    op.drop_table("alarm")
