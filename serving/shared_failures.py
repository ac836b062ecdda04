"""The lockout's failures in the store, so that several workers count as one.

Where the store is gone nobody can be looked up either, so counting may fail with it.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from fastapi.concurrency import run_in_threadpool

from triage.store.database import Database
from triage.store.failures import FailureBook
from triage.store.key_file import VaultKeys


class SharedFailures:
    """`serving.lockout.Failures` over `triage.store.failures`."""

    def __init__(self, database: Database, keys: VaultKeys) -> None:
        self._book = FailureBook(database, keys.digest_secret, lambda: secrets.token_hex(16))

    async def add(self, subject: str, at: float) -> None:
        """Note a failure at a time in seconds since 1970."""
        await run_in_threadpool(self._book.add, subject, datetime.fromtimestamp(at, UTC))

    async def since(self, subject: str, at: float) -> list[float]:
        """Return the times of a subject's failures after a time, oldest first."""
        after = datetime.fromtimestamp(at, UTC)
        found = await run_in_threadpool(self._book.since, subject, after)
        return [moment.timestamp() for moment in found]
