"""The table of alarms: what was raised, of which series, and how far its life has come.

`migrations/versions/0010_alarms.py` makes it. The document holds evidence (counts, codes, ids of
orders, terms of masked texts) and the steps of its life; who was told what is in the ledger.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from triage.store.instant import Instant
from triage.store.tables import metadata

alarm = Table(
    "alarm",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("series", String(128), nullable=False),
    Column("area", String(16), nullable=False),
    Column("state", String(12), nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("merged_into", String(24), nullable=False),
    Column("document", Text, nullable=False),
    Index("ix_alarm_opened_at", "opened_at", "id"),
    Index("ix_alarm_series_opened_at", "series", "opened_at"),
    Index("ix_alarm_state_opened_at", "state", "opened_at", "id"),
)
"""One alarm; `area` is "" for the whole city, `seen_at` when its series was last out of line."""
