"""Wrong query codes that all workers count together: keyed digests and times, nothing else.

An address is personal data, so it is never written; rows are deleted once no window reaches them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Column, Index, String, Table, delete, insert, select

from triage.store.database import Database
from triage.store.instant import Instant
from triage.store.tables import metadata

KEPT = timedelta(days=1)
"""Longer than any window of a lockout."""

failure = Table(
    "failure",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("subject", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_failure_subject_at", "subject", "at"),
    Index("ix_failure_at", "at"),
)


class FailureBook:
    """Failures by subject in the database; `new_id` gives a fresh id each time."""

    def __init__(self, database: Database, key: bytes, new_id: Callable[[], str]) -> None:
        self._database = database
        self._key = key
        self._new_id = new_id

    def add(self, subject: str, at: datetime) -> None:
        """Note a failure, and forget what is older than `KEPT`.

        Raises
        ------
        StoreUnavailable
        """
        with self._database.write() as connection:
            connection.execute(delete(failure).where(failure.c.at < at - KEPT))
            row = {"id": self._new_id(), "subject": self._digest(subject), "at": at}
            connection.execute(insert(failure).values(**row))

    def since(self, subject: str, at: datetime) -> list[datetime]:
        """Return the times of a subject's failures after a time, oldest first.

        Raises
        ------
        StoreUnavailable
        """
        found = (
            select(failure.c.at)
            .where(failure.c.subject == self._digest(subject), failure.c.at > at)
            .order_by(failure.c.at)
        )
        with self._database.read() as connection:
            return list(connection.execute(found).scalars())

    def _digest(self, subject: str) -> str:
        return hmac.new(self._key, f"failure {subject}".encode(), hashlib.sha256).hexdigest()
