"""What happens by itself and what goes out: agenda, leases, marks, outbox, webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the six tables, and put every open order on the agenda at once."""
    _clerk()
    _outbox()
    _webhook()
    # The clerk looks at each, finds when it is really due, and puts it there.
    op.execute(
        "INSERT INTO agenda (order_id, at, what) SELECT id, 0, 'LOOK' FROM work_order WHERE is_open"
    )


def downgrade() -> None:
    """Drop the tables with all that is in them; the ledger keeps the events."""
    for table in ("delivery", "webhook", "outbox", "clerk_mark", "lease", "agenda"):
        op.drop_table(table)


def _clerk() -> None:
    op.create_table(
        "agenda",
        sa.Column("order_id", sa.String(24)),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("what", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_agenda"),
    )
    op.create_index("ix_agenda_at", "agenda", ["at", "order_id"])
    op.create_table(
        "lease",
        sa.Column("name", sa.String(24)),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
    op.create_table(
        "clerk_mark",
        sa.Column("name", sa.String(24)),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_clerk_mark"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(48)),
        sa.Column("order_id", sa.String(24), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("template", sa.String(32), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("error", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_state_next_at", "outbox", ["state", "next_at", "seq"])
    op.create_index("ix_outbox_order_id_seq", "outbox", ["order_id", "seq"])


def _webhook() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(24)),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("sent_seq", sa.BigInteger, nullable=False),
        sa.Column("cipher", sa.String(16), nullable=False),
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )
    op.create_table(
        "delivery",
        sa.Column("webhook_id", sa.String(24)),
        sa.Column("seq", sa.BigInteger, autoincrement=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("webhook_id", "seq", name="pk_delivery"),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name="fk_delivery_webhook_id"),
    )
    op.create_index("ix_delivery_state", "delivery", ["webhook_id", "state", "seq"])
