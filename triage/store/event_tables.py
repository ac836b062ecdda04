"""The table of event groups: which event each order tells of, by whom, when and why.

`migrations/versions/0008_event_groups.py` makes it. Codes and figures, and the word of an object.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, String, Table

from triage.store.instant import Instant
from triage.store.tables import metadata

event_member = Table(
    "event_member",
    metadata,
    Column("order_id", String(24), primary_key=True),
    Column("event_id", String(24), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("problem", String(128), nullable=False),
    Column("why", String(8), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("at", Instant, nullable=False),
    Column("probability", Double, nullable=False),
    Column("judge", String(128), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Index("ix_event_member_event_id_received_at", "event_id", "received_at"),
    Index("ix_event_member_problem_received_at", "problem", "received_at"),
    Index("ix_event_member_received_at", "received_at"),
    Index("ix_event_member_seq", "seq"),
)
"""An event is called after its first order. `problem` is `topic|object`, "" for neither; `why` one
of `Why`; `judge` the version of what judged, "" for a person; `seq` the ledger's event."""
