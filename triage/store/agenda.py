"""The agenda: for every order that something will be due on, when it is to be looked at next.

Kept within `orders.record`'s transaction. A row says when to look; what is due, the order says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from triage.store.outgoing_tables import agenda
from triage.store.upsert import upsert
from triage.workorder.agenda import Task


def arrange(connection: Connection, tasks: Mapping[str, Task | None]) -> None:
    """Put orders, by id, on the agenda for their next task, or take them off it."""
    rows = [
        {"order_id": order_id, "at": task.at, "what": task.what.value}
        for order_id, task in tasks.items()
        if task is not None
    ]
    upsert(connection, agenda, rows)
    if idle := [order_id for order_id, task in tasks.items() if task is None]:
        connection.execute(delete(agenda).where(agenda.c.order_id.in_(idle)))


def due_ids(connection: Connection, now: datetime, limit: int) -> list[str]:
    """Return the orders to be looked at by now, the longest due first."""
    query = (
        select(agenda.c.order_id)
        .where(agenda.c.at <= now)
        .order_by(agenda.c.at, agenda.c.order_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def postpone(connection: Connection, order_id: str, until: datetime) -> None:
    """Look at an order later; its next event puts it where it belongs again."""
    connection.execute(update(agenda).where(agenda.c.order_id == order_id).values(at=until))


def drop(connection: Connection, order_id: str) -> None:
    """Take an order off the agenda."""
    connection.execute(delete(agenda).where(agenda.c.order_id == order_id))
