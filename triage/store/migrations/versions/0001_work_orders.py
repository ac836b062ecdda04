"""The work order: ledger and its head, present state, keys of intake, queue, vault."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STANDING = sa.text("to_seq IS NULL")


def upgrade() -> None:
    """Make the tables, and the head of an empty ledger."""
    _ledger()
    _work_order()
    _intake_key()
    _queue_entry()
    _queue_floor()
    _reply_print()
    _vault()


def downgrade() -> None:
    """Drop the tables with all that is in them."""
    for table in (
        *(
            "vault",
            "reply_print",
            "queue_floor",
            "queue_entry",
            "intake_key",
            "work_order",
            "ledger_head",
        ),
        "ledger",
    ):
        op.drop_table(table)


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("order_id", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("body", sa.Text),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_ledger"),
    )
    op.create_index("ix_ledger_order_id_seq", "ledger", ["order_id", "seq"])
    op.create_index("ix_ledger_kind_at", "ledger", ["kind", "at"])
    head = op.create_table(
        "ledger_head",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_ledger_head"),
    )
    op.bulk_insert(head, [{"one": 1, "seq": 0, "hash": bytes(32)}])


def _reply_print() -> None:
    op.create_table(
        "reply_print",
        sa.Column("order_id", sa.String(24), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "digest", name="pk_reply_print"),
        sa.ForeignKeyConstraint(["order_id"], ["work_order.id"], name="fk_reply_print_order_id"),
    )
    op.create_index("ix_reply_print_digest", "reply_print", ["digest"])


def _queue_floor() -> None:
    floor = op.create_table(
        "queue_floor",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_queue_floor"),
    )
    op.bulk_insert(floor, [{"one": 1, "seq": 0}])


def _work_order() -> None:
    op.create_table(
        "work_order",
        sa.Column("id", sa.String(24)),
        sa.Column("query_code", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("lead", sa.String(64), nullable=False),
        sa.Column("region", sa.String(16), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("requester", sa.String(64), nullable=False),
        sa.Column("parent_id", sa.String(24), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_work_order"),
        sa.UniqueConstraint("query_code", name="uq_work_order_query_code"),
    )
    op.create_index("ix_work_order_state_due_at", "work_order", ["state", "due_at"])
    op.create_index("ix_work_order_received_at", "work_order", ["received_at"])
    op.create_index("ix_work_order_lead_received_at", "work_order", ["lead", "received_at"])
    op.create_index("ix_work_order_requester", "work_order", ["requester", "received_at"])


def _intake_key() -> None:
    op.create_table(
        "intake_key",
        sa.Column("kind", sa.String(16)),
        sa.Column("scope", sa.String(128)),
        sa.Column("value", sa.String(255)),
        sa.Column("order_id", sa.String(24), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("kind", "scope", "value", name="pk_intake_key"),
        sa.ForeignKeyConstraint(["order_id"], ["work_order.id"], name="fk_intake_key_order_id"),
    )
    op.create_index("ix_intake_key_at", "intake_key", ["at"])


def _queue_entry() -> None:
    op.create_table(
        "queue_entry",
        sa.Column("order_id", sa.String(24)),
        sa.Column("from_seq", sa.BigInteger, autoincrement=False),
        sa.Column("to_seq", sa.BigInteger),
        sa.Column("rank_normal", sa.Double, nullable=False),
        sa.Column("rank_emergency", sa.Double, nullable=False),
        sa.Column("lead", sa.String(64), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("region", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "from_seq", name="pk_queue_entry"),
    )
    indexes: tuple[tuple[str, list[str | sa.TextClause]], ...] = (
        ("ix_queue_normal", [sa.text("rank_normal DESC"), "order_id"]),
        ("ix_queue_emergency", [sa.text("rank_emergency DESC"), "order_id"]),
        ("ix_queue_lead_normal", ["lead", sa.text("rank_normal DESC"), "order_id"]),
    )
    for name, columns in indexes:
        op.create_index(
            name, "queue_entry", columns, sqlite_where=_STANDING, postgresql_where=_STANDING
        )
    op.create_index("ix_queue_to_seq", "queue_entry", ["to_seq"])


def _vault() -> None:
    op.create_table(
        "vault",
        sa.Column("order_id", sa.String(24)),
        sa.Column("field", sa.String(24)),
        sa.Column("cipher", sa.String(16), nullable=False),
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "field", name="pk_vault"),
        sa.ForeignKeyConstraint(["order_id"], ["work_order.id"], name="fk_vault_order_id"),
    )
    op.create_index("ix_vault_key_id", "vault", ["key_id"])
    op.create_index("ix_vault_at", "vault", ["at"])
