"""The tables of what happens by itself and of what goes out: agenda, leases, notices, webhooks.

`migrations/versions/0003_clerk.py` makes them. No text lies in them: letters are written from the
order and its events when they go.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from triage.store.instant import Instant
from triage.store.tables import metadata

agenda = Table(
    "agenda",
    metadata,
    Column("order_id", String(24), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("what", String(24), nullable=False),
    Index("ix_agenda_at", "at", "order_id"),
)
"""When an order is next to be looked at, and for what; the order itself says the truth."""

lease = Table(
    "lease",
    metadata,
    Column("name", String(24), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", Instant, nullable=False),
)
"""Who does a kind of work now, so that several processes do not do it at once."""

clerk_mark = Table(
    "clerk_mark",
    metadata,
    Column("name", String(24), primary_key=True),
    Column("value", Text, nullable=False),
)
"""How far the clerk has come with what goes over all orders."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(48), primary_key=True),
    Column("order_id", String(24), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("template", String(32), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("error", String(64), nullable=False),
    Index("ix_outbox_state_next_at", "state", "next_at", "seq"),
    Index("ix_outbox_order_id_seq", "order_id", "seq"),
)
"""A notice to a citizen, written with the event `seq` that it tells of."""

webhook = Table(
    "webhook",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("url", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sent_seq", BigInteger, nullable=False),
    Column("cipher", String(16), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""A receiver of events; `sent_seq` is the last event that it got or that gave up on it."""

delivery = Table(
    "delivery",
    metadata,
    Column("webhook_id", ForeignKey("webhook.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("status", Integer),
    Column("error", String(64), nullable=False),
    Index("ix_delivery_state", "webhook_id", "state", "seq"),
)
"""An event that a receiver did not take at once; what went through at once has no row."""
