"""Leases: one process at a time does a kind of work, and another takes over when it dies.

A lease saves work, it does not guard it: whoever acts checks again inside the transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from triage.store.outgoing_tables import clerk_mark, lease
from triage.store.upsert import upsert


def hold(connection: Connection, name: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Take or renew a lease within the caller's transaction; False where another holds it.

    A lease that ends later than any taken now can end was taken before the clock went back: it
    counts for nothing.
    """
    query = select(lease.c.holder, lease.c.until).where(lease.c.name == name).with_for_update()
    row = connection.execute(query).first()
    if row is not None and row.holder != holder and now < row.until <= now + length:
        return False
    if row is None or row.holder != holder or not now + length / 2 < row.until <= now + length:
        upsert(connection, lease, [{"name": name, "holder": holder, "until": now + length}])
    return True


def free(connection: Connection, name: str, holder: str) -> None:
    """Give a lease back, so that another need not wait for its end."""
    connection.execute(lease.delete().where(lease.c.name == name, lease.c.holder == holder))


def mark_of(connection: Connection, name: str) -> str:
    """Return what the clerk has written down under a name; "" for nothing."""
    query = select(clerk_mark.c.value).where(clerk_mark.c.name == name)
    return str(connection.execute(query).scalar() or "")


def set_mark(connection: Connection, name: str, value: str) -> None:
    """Write down how far the clerk has come."""
    upsert(connection, clerk_mark, [{"name": name, "value": value}])
