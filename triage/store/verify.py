"""Verify the ledger and all that was made of it: the chain first, then every order folded again.

The second pass reads the ledger by order (index ix_ledger_order_id_seq), so that one order's events
and one batch of present states are all that memory holds; keeping open orders from a single pass
would grow with their number. Both passes see one moment, so the service may go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from triage.store.anchors import Anchor
from triage.store.chain import Difference, Walk, walk
from triage.store.database import Database
from triage.store.instant import as_stored, microseconds, moment
from triage.store.order_units import Row as Roles
from triage.store.order_units import roles_kept, rows_of
from triage.store.orders import row_of
from triage.store.tables import ledger, work_order
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder
from triage.workorder.projection import BrokenHistory, fold

_ORDERS = 500
"""Present states fetched at once."""
_ROWS = 5_000
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)
"""What text that someone wrote into a row may bring about when it is read."""

Rows = list[Row[*tuple[Any, ...]]]


@dataclass(slots=True)
class Verification:
    """What has been looked at: `unfolded` orders have lost bodies to retention, as recorded."""

    events: int = 0
    orders: int = 0
    unfolded: int = 0


def verify(
    database: Database, anchors: Iterable[Anchor] = (), *, seen: Verification | None = None
) -> Iterator[Difference]:
    """Give every difference as it is found; `seen` counts what was looked at.

    Raises
    ------
    StoreUnavailable
    """
    with database.snapshot() as connection:
        yield from verify_within(connection, anchors, seen=seen)


def verify_within(
    connection: Connection, anchors: Iterable[Anchor] = (), *, seen: Verification | None = None
) -> Iterator[Difference]:
    """Give the same differences, seen from the caller's transaction."""
    counts = seen if seen is not None else Verification()
    chain = Walk()
    yield from walk(connection, anchors, chain)
    counts.events = chain.events
    yield from _orders(connection, counts)
    yield from _without_events(connection)


def _orders(connection: Connection, counts: Verification) -> Iterator[Difference]:
    rows = connection.execution_options(yield_per=_ROWS).execute(
        select(*as_stored(ledger))
        .where(ledger.c.order_id != "")
        .order_by(ledger.c.order_id, ledger.c.seq)
    )
    histories = ((key, list(group)) for key, group in groupby(rows, lambda row: str(row.order_id)))
    while batch := list(islice(histories, _ORDERS)):
        counts.orders += len(batch)
        ids = [order_id for order_id, _ in batch]
        standing, roles = _standing(connection, ids), roles_kept(connection, ids)
        for order_id, history in batch:
            row = standing.get(order_id)
            if row is None:
                said = "台账中有它的事件，工单表中没有它"
                yield Difference(history[-1].seq, order_id, "work_order", said)
            else:
                yield from _order(order_id, history, row, counts)
                yield from _roles(int(history[-1].seq), row, roles.get(order_id, []))


def _standing(connection: Connection, order_ids: Sequence[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    rows = connection.execute(select(*as_stored(work_order)).where(work_order.c.id.in_(order_ids)))
    return {str(row.id): row for row in rows}


def _order(
    order_id: str, history: Rows, row: Row[*tuple[Any, ...]], counts: Verification
) -> Iterator[Difference]:
    last = int(history[-1].seq)
    try:
        stands = WorkOrder.load(row.document)
        columns = row_of(stands)
    except _UNREADABLE as error:
        yield Difference(last, order_id, "document", f"无法读取（{type(error).__name__}）")
        return
    for name, value in columns.items():
        if name != "document" and getattr(row, name) != _stored(value):
            yield Difference(last, order_id, name, "列与工单内容不符")
    if any(one.body is None and one.kind != Kind.READ for one in history):
        counts.unfolded += 1
        return
    try:
        folded = fold(_event(one) for one in history)
    except (*_UNREADABLE, BrokenHistory, OverflowError, IndexError) as error:
        yield Difference(last, order_id, "events", f"事件不能重放（{type(error).__name__}）")
        return
    if folded.dump().decode() != row.document:
        yield from _fields(last, folded, row.document)


def _roles(last: int, row: Row[*tuple[Any, ...]], kept: list[Roles]) -> Iterator[Difference]:
    try:
        due = rows_of(WorkOrder.load(row.document))
    except _UNREADABLE:
        return  # told already
    if sorted(kept, key=_unit) != sorted(due, key=_unit):
        yield Difference(last, str(row.id), "order_unit", "各单位的角色与工单内容不符")


def _unit(one: Roles) -> str:
    return str(one["unit"])


def _event(row: Row[*tuple[Any, ...]]) -> Event:
    body = orjson.loads(row.body) if row.body is not None else {}
    return Event(row.order_id, Kind(row.kind), moment(row.at), row.actor, body)


def _stored(value: object) -> object:
    return microseconds(value) if isinstance(value, datetime) else value


def _fields(last: int, folded: WorkOrder, document: str) -> Iterator[Difference]:
    due, found = orjson.loads(folded.dump()), orjson.loads(document)
    for name in sorted(due.keys() | found.keys()):
        if name not in due or due[name] != found[name]:
            yield Difference(last, folded.id, f"document.{name}", "与事件重放的结果不符")


def _without_events(connection: Connection) -> Iterator[Difference]:
    query = select(work_order.c.id).where(
        ~select(ledger.c.seq).where(ledger.c.order_id == work_order.c.id).exists()
    )
    for row in connection.execution_options(yield_per=_ROWS).execute(query):
        yield Difference(0, str(row.id), "ledger", "工单表中有它，台账中没有它的事件")
