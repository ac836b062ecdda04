"""The tables of the work order itself: ledger, present state, queue, keys of intake.

`migrations/` makes them; a test compares the two. Texts are masked; originals lie in `vault`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from triage.store.instant import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("order_id", String(24), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("body", Text),  # null once a retention class has run out: its digest stays in the chain
    Column("digest", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index("ix_ledger_order_id_seq", "order_id", "seq"),
    Index("ix_ledger_kind_at", "kind", "at"),
    Index(
        "ix_ledger_mode_seq",
        "seq",
        sqlite_where=text("kind = 'mode'"),
        postgresql_where=text("kind = 'mode'"),
    ),
)

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)
"""One row, locked while events are appended: it makes the chain one line."""

work_order = Table(
    "work_order",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("query_code", String(16), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("source", String(64), nullable=False),
    Column("lead", String(64), nullable=False),
    Column("region", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("topic", String(64), nullable=False),
    Column("requester", String(64), nullable=False),
    Column("parent_id", String(24), nullable=False),
    Column("document", Text, nullable=False),
    Index("ix_work_order_state_due_at", "state", "due_at"),
    Index("ix_work_order_received_at", "received_at"),
    Index("ix_work_order_lead_received_at", "lead", "received_at"),
    Index("ix_work_order_requester", "requester", "received_at"),
)

order_unit = Table(
    "order_unit",
    metadata,
    Column("order_id", ForeignKey("work_order.id"), primary_key=True),
    Column("unit", String(64), primary_key=True),
    Column("role", String(8), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Index(
        "ix_order_unit_unit_order_id",
        "unit",
        "order_id",
        sqlite_where=text("is_open = 1 AND role != 'LEAD'"),
        postgresql_where=text("is_open AND role != 'LEAD'"),
    ),
)
"""Which lines see an order, or must not; see `order_units`."""

intake_key = Table(
    "intake_key",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("scope", String(128), primary_key=True),
    Column("value", String(255), primary_key=True),
    Column("order_id", ForeignKey("work_order.id"), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_intake_key_at", "at"),
)
"""What makes intake idempotent; `answer` is what the first caller was told."""

queue_entry = Table(
    "queue_entry",
    metadata,
    Column("order_id", String(24), primary_key=True),
    Column("from_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("to_seq", BigInteger),  # null: it stands so now
    Column("rank_normal", Double, nullable=False),
    Column("rank_emergency", Double, nullable=False),
    Column("lead", String(64), nullable=False),
    Column("level", String(16), nullable=False),
    Column("region", String(16), nullable=False),
    Index(
        "ix_queue_normal",
        text("rank_normal DESC"),
        "order_id",
        sqlite_where=text("to_seq IS NULL"),
        postgresql_where=text("to_seq IS NULL"),
    ),
    Index(
        "ix_queue_emergency",
        text("rank_emergency DESC"),
        "order_id",
        sqlite_where=text("to_seq IS NULL"),
        postgresql_where=text("to_seq IS NULL"),
    ),
    Index(
        "ix_queue_lead_normal",
        "lead",
        text("rank_normal DESC"),
        "order_id",
        sqlite_where=text("to_seq IS NULL"),
        postgresql_where=text("to_seq IS NULL"),
    ),
    *(
        Index(
            f"ix_queue_{column}_normal",
            column,
            text("rank_normal DESC"),
            "order_id",
            sqlite_where=text("to_seq IS NULL"),
            postgresql_where=text("to_seq IS NULL"),
        )
        for column in ("region", "level")
    ),
    Index(
        "ix_queue_to_seq",
        "to_seq",
        sqlite_where=text("to_seq IS NOT NULL"),  # else SQLite reads all that stands by it
        postgresql_where=text("to_seq IS NOT NULL"),
    ),
)
"""Where an open order stood in the queue from one event to another (not including it)."""

queue_floor = Table(
    "queue_floor",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
)
"""One row: places left before this event are forgotten."""

reply_print = Table(
    "reply_print",
    metadata,
    Column("order_id", ForeignKey("work_order.id"), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("at", Instant, nullable=False),
    Index("ix_reply_print_digest", "digest"),
)
"""What replies had in common; no text."""

vault = Table(
    "vault",
    metadata,
    Column("order_id", ForeignKey("work_order.id"), primary_key=True),
    Column("field", String(24), primary_key=True),
    Column("cipher", String(16), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_vault_key_id", "key_id"),
    Index("ix_vault_at", "at"),
)
