"""How often the same requester asked before: counted by the keyed digest, never by name."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from triage.store.tables import work_order

WINDOW = timedelta(days=90)
"""A season: what was asked longer ago says little of today's trouble."""


def earlier_requests(connection: Connection, requester: str, now: datetime) -> int:
    """Return how many orders the requester opened within `WINDOW`; 0 for an unknown one."""
    if not requester:
        return 0
    query = select(func.count()).where(
        work_order.c.requester == requester, work_order.c.received_at >= now - WINDOW
    )
    return int(connection.execute(query).scalar_one())
