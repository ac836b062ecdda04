"""The table of shadow predictions: what a challenger says of orders that another model judged.

`migrations/versions/0006_shadow.py` makes it. Codes and figures only, no text.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from triage.store.instant import Instant
from triage.store.tables import metadata

shadow = Table(
    "shadow",
    metadata,
    Column("model", String(128), primary_key=True),
    Column("order_id", String(24), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("said", Text, nullable=False),
    Index("ix_shadow_model_seq", "model", "seq"),
)
"""`seq` is the prediction of the model in use, in the ledger; `said` the challenger's own."""
