"""How many orders tell of the event that an order tells of, and which of them are open.

Counting stops at `most`, so that a storm of any size is told in the same time. How the orders came
together is `event_groups`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from triage.store.event_tables import event_member
from triage.store.order_units import is_seen_by
from triage.store.tables import work_order

MOST = 10_000
"""A page shows no more: 50 events of so many are counted in some 50 ms, one in a millisecond."""


@dataclass(frozen=True, slots=True)
class Within:
    """The orders of some regions that some lines see; no regions or lines takes all."""

    regions: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()


ALL = Within()


def sizes(
    connection: Connection, order_ids: Sequence[str], *, most: int = MOST, within: Within = ALL
) -> dict[str, int]:
    """Return by order how many orders, closed ones included, are in its event, at most `most`.

    Orders that are in no event yet are left out.
    """
    if not order_ids:
        return {}
    column = event_member.c
    rows = connection.execute(
        select(column.order_id, column.event_id).where(column.order_id.in_(order_ids))
    ).all()
    events = {row.event_id for row in rows}
    counts = {event: size_of(connection, event, most, within) for event in events}
    return {row.order_id: counts[row.event_id] for row in rows}


def open_members(connection: Connection, event_id: str, most: int) -> list[str]:
    """Return up to `most` open orders of an event, the earliest received first."""
    column = event_member.c
    rows = connection.execute(
        select(column.order_id)
        .join(work_order, work_order.c.id == column.order_id)
        .where(column.event_id == event_id, work_order.c.is_open)
        .order_by(column.received_at, column.order_id)
        .limit(most)
    )
    return list(rows.scalars())


def size_of(connection: Connection, event_id: str, most: int, within: Within = ALL) -> int:
    """Return how many orders an event has, at most `most`."""
    column = event_member.c
    query = select(column.order_id).where(column.event_id == event_id)
    if within.regions:
        query = query.join(work_order, work_order.c.id == column.order_id)
        query = query.where(work_order.c.region.in_(sorted(within.regions)))
    if within.units:
        query = query.where(is_seen_by(column.order_id, within.units))
    some = query.limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())
