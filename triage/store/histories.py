"""Ended orders with all that happened to them, in one pass: a batch in memory at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from triage.store.ledger import Entry, entry_of
from triage.store.tables import ledger, work_order
from triage.workorder.order import WorkOrder

_BATCH = 200


def ended(connection: Connection) -> Iterator[tuple[WorkOrder, Sequence[Entry]]]:
    """Give every order on which nothing is due any more, with its events, oldest first."""
    after = ""
    while True:
        rows = connection.execute(
            select(work_order.c.id, work_order.c.document)
            .where(work_order.c.is_open.is_(False), work_order.c.id > after)
            .order_by(work_order.c.id)
            .limit(_BATCH)
        ).all()
        events: dict[str, list[Entry]] = defaultdict(list)
        ids = [row.id for row in rows]
        query = select(ledger).where(ledger.c.order_id.in_(ids)).order_by(ledger.c.seq)
        for found in connection.execute(query):
            events[found.order_id].append(entry_of(found))
        yield from ((WorkOrder.load(row.document), events[row.id]) for row in rows)
        if len(rows) < _BATCH:
            return
        after = rows[-1].id
