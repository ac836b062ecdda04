"""The tables of disputes and of what was learned from them: cases, rules, others' precedents.

Lists and scopes lie in JSON texts. `migrations/versions/0002_disputes.py` makes them.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from triage.store.instant import Instant
from triage.store.tables import metadata

dispute = Table(
    "dispute",
    metadata,
    Column("order_id", ForeignKey("work_order.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", String(8), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", String(128), nullable=False),
    Column("ruling_due", Instant, nullable=False),
    Column("topic", String(64), nullable=False),
    Column("region", String(16), nullable=False),
    Column("object", String(64), nullable=False),
    Column("parties", Text, nullable=False),
    Column("interim_lead", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("support", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("ruled_by", String(128), nullable=False),
    Column("ruled_at", Instant),
    Column("rule_id", String(24), nullable=False),
    Index("ix_dispute_state_ruling_due", "state", "ruling_due", "order_id", "number"),
    Index("ix_dispute_topic_ruled_at", "topic", "ruled_at"),
)
"""A case a row; an order that was objected to again after a ruling has several."""

routing_rule = Table(
    "routing_rule",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("unit", String(64), nullable=False),
    Column("support", Text, nullable=False),
    Column("topic", String(64), nullable=False),
    Column("region", String(16), nullable=False),
    Column("keywords", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("expires_on", String(10), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", String(128), nullable=False),
    Column("order_id", String(24), nullable=False),
    Column("publisher", String(64), nullable=False),
    Column("pack_rule", String(24), nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", String(128), nullable=False),
    Index("ix_routing_rule_topic_expires_on", "topic", "expires_on"),
)
"""`order_id` is the ruling's order, `publisher` and `pack_rule` whose pack it came with, or ""."""

shared_precedent = Table(
    "shared_precedent",
    metadata,
    Column("pack", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("publisher", String(64), nullable=False),
    Column("topic", String(64), nullable=False),
    Column("region", String(16), nullable=False),
    Column("object", String(64), nullable=False),
    Column("parties", Text, nullable=False),
    Column("unit", String(64), nullable=False),
    Column("basis", Text, nullable=False),
    Column("ruled_at", Instant, nullable=False),
    Index("ix_shared_precedent_topic_ruled_at", "topic", "ruled_at"),
)
"""Rulings of others, adopted with a pack; `pack` is its digest."""
