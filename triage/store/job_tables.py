"""The table of jobs: long work that a runner does beside the service.

`migrations/versions/0004_jobs.py` makes it. Arguments name files and settings, never a text; the
tail of the log is masked before it is written.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from triage.store.instant import Instant
from triage.store.tables import metadata

job = Table(
    "job",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("arguments", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("runner", String(64), nullable=False),
    Column("heartbeat", Instant),
    Column("attempts", Integer, nullable=False),
    Column("cancel_wanted", Boolean, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("message", Text, nullable=False),
    Column("log", Text, nullable=False),
    Column("exit_code", Integer),
    Index("ix_job_state_created_at", "state", "created_at", "id"),
    Index("ix_job_created_at", "created_at", "id"),
)
"""One piece of work; `total` is 0 where nobody knows how much there is."""
