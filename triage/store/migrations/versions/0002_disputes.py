"""Disputes: cases with their rulings, routing rules, precedents adopted from others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the three tables, empty."""
    _dispute()
    _routing_rule()
    _shared_precedent()


def downgrade() -> None:
    """Drop the tables with all that is in them; the ledger keeps the events."""
    for table in ("shared_precedent", "routing_rule", "dispute"):
        op.drop_table(table)


def _dispute() -> None:
    op.create_table(
        "dispute",
        sa.Column("order_id", sa.String(24)),
        sa.Column("number", sa.Integer, autoincrement=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("opened_by", sa.String(128), nullable=False),
        sa.Column("ruling_due", sa.BigInteger, nullable=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("region", sa.String(16), nullable=False),
        sa.Column("object", sa.String(64), nullable=False),
        sa.Column("parties", sa.Text, nullable=False),
        sa.Column("interim_lead", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("support", sa.Text, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("ruled_by", sa.String(128), nullable=False),
        sa.Column("ruled_at", sa.BigInteger),
        sa.Column("rule_id", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "number", name="pk_dispute"),
        sa.ForeignKeyConstraint(["order_id"], ["work_order.id"], name="fk_dispute_order_id"),
    )
    by_due = ["state", "ruling_due", "order_id", "number"]
    op.create_index("ix_dispute_state_ruling_due", "dispute", by_due)
    op.create_index("ix_dispute_topic_ruled_at", "dispute", ["topic", "ruled_at"])


def _routing_rule() -> None:
    op.create_table(
        "routing_rule",
        sa.Column("id", sa.String(24)),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("support", sa.Text, nullable=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("region", sa.String(16), nullable=False),
        sa.Column("keywords", sa.Text, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("expires_on", sa.String(10), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("made_by", sa.String(128), nullable=False),
        sa.Column("order_id", sa.String(24), nullable=False),
        sa.Column("publisher", sa.String(64), nullable=False),
        sa.Column("pack_rule", sa.String(24), nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("ended_by", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_routing_rule"),
    )
    columns = ["topic", "expires_on"]
    op.create_index("ix_routing_rule_topic_expires_on", "routing_rule", columns)


def _shared_precedent() -> None:
    op.create_table(
        "shared_precedent",
        sa.Column("pack", sa.String(64)),
        sa.Column("number", sa.Integer, autoincrement=False),
        sa.Column("publisher", sa.String(64), nullable=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("region", sa.String(16), nullable=False),
        sa.Column("object", sa.String(64), nullable=False),
        sa.Column("parties", sa.Text, nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("ruled_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("pack", "number", name="pk_shared_precedent"),
    )
    columns = ["topic", "ruled_at"]
    op.create_index("ix_shared_precedent_topic_ruled_at", "shared_precedent", columns)
