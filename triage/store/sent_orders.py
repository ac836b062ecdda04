"""Orders of one source by when they came, newest first: what an outside interface lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from triage.store.tables import work_order
from triage.workorder.order import WorkOrder


@dataclass(frozen=True, slots=True)
class Sent:
    """Which orders: received from `first` until before `last`; no `topics` means all of them."""

    source: str
    first: datetime
    last: datetime
    topics: Sequence[str] = ()
    is_open: bool | None = None


def sent_orders(connection: Connection, wanted: Sent, limit: int) -> list[WorkOrder]:
    """Return the orders, the newest first."""
    columns = work_order.c
    query = select(columns.document).where(
        columns.received_at >= wanted.first,
        columns.received_at < wanted.last,
        columns.source == wanted.source,
    )
    if wanted.topics:
        query = query.where(columns.topic.in_(wanted.topics))
    if wanted.is_open is not None:
        query = query.where(columns.is_open == wanted.is_open)
    newest = query.order_by(columns.received_at.desc(), columns.id.desc()).limit(limit)
    return [WorkOrder.load(document) for document in connection.execute(newest).scalars()]
