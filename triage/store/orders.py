"""Work orders as they stand: read them, and append to the ledger and their state together.

`record` is the only way to change an order: events, present state and what is kept beside them are
one transaction, and two who saw the same version cannot both change it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from sqlalchemy import Connection, bindparam, insert, select, update

from triage.errors import TriageError
from triage.store.agenda import arrange
from triage.store.event_sizes import sizes
from triage.store.ledger import append
from triage.store.order_units import keep_roles
from triage.store.outbox import Letter, Post, post
from triage.store.queue import Placed, Ranks, place
from triage.store.tables import work_order
from triage.workorder.agenda import Task
from triage.workorder.events import Event
from triage.workorder.order import WorkOrder
from triage.workorder.projection import apply
from triage.workorder.ranking import LARGE_GROUP


@dataclass(frozen=True, slots=True)
class Books:
    """What is written beside the events of an order, as pure functions of it.

    `ranks` is its place in the queue, of it and of how many are in its event, `task` what is due
    next by itself, `letter` the notice to its requester: of the order before (None: there was
    none), after, and the events between.
    """

    ranks: Callable[[WorkOrder, int], Ranks]
    task: Callable[[WorkOrder], Task | None]
    letter: Callable[[WorkOrder | None, WorkOrder, Sequence[Event]], Letter | None]


_UPDATE = update(work_order).where(work_order.c.id == bindparam("_id"))


class UnknownOrder(TriageError):
    """No order has this id."""

    code = "order_unknown"


class StaleOrder(TriageError):
    """Somebody changed the order since it was read; `order` is how it stands now."""

    code = "order_stale"

    def __init__(self, order: WorkOrder, seen: int) -> None:
        super().__init__(
            f"工单 {order.id} 已被他人更新（您看到的是第 {seen} 版，现为第 {order.version} 版）："
            "请刷新后再操作"
        )
        self.order = order


def find(connection: Connection, order_id: str, *, for_update: bool = False) -> WorkOrder:
    """Return an order, locked until the transaction ends where asked.

    Raises
    ------
    UnknownOrder
    """
    query = select(work_order.c.document).where(work_order.c.id == order_id)
    document = connection.execute(query.with_for_update() if for_update else query).scalar()
    if document is None:
        raise UnknownOrder(f"没有编号为 {order_id!r} 的工单")
    return WorkOrder.load(document)


def find_by_code(connection: Connection, query_code: str) -> WorkOrder:
    """Return the order with a citizen's query code.

    Raises
    ------
    UnknownOrder
    """
    query = select(work_order.c.document).where(work_order.c.query_code == query_code)
    document = connection.execute(query).scalar()
    if document is None:
        raise UnknownOrder("查询码不存在：请核对受理短信中的查询码")
    return WorkOrder.load(document)


def find_all(connection: Connection, order_ids: Sequence[str]) -> dict[str, WorkOrder]:
    """Return the orders with these ids, by id; unknown ones are left out."""
    query = select(work_order.c.id, work_order.c.document).where(work_order.c.id.in_(order_ids))
    return {row.id: WorkOrder.load(row.document) for row in connection.execute(query)}


def claim_free(connection: Connection, order_ids: Sequence[str]) -> list[WorkOrder]:
    """Return those of these orders, locked, that nobody else is changing at this moment."""
    query = select(work_order.c.document).where(work_order.c.id.in_(order_ids))
    found = connection.execute(query.order_by(work_order.c.id).with_for_update(skip_locked=True))
    return [WorkOrder.load(document) for document in found.scalars()]


def claim(connection: Connection, order_id: str, version: int | None) -> WorkOrder:
    """Return the order, locked, for the one who saw this version; None takes any.

    Raises
    ------
    UnknownOrder, StaleOrder
    """
    order = find(connection, order_id, for_update=True)
    if version is not None and version != order.version:
        raise StaleOrder(order, version)
    return order


@dataclass(frozen=True, slots=True)
class Change:
    """Events about one order; `order` is how it stood, None where they begin it."""

    order: WorkOrder | None
    events: Sequence[Event]


def record(
    connection: Connection, order: WorkOrder | None, events: Sequence[Event], books: Books
) -> WorkOrder:
    """Append events about one order (None: they begin it) and write what it has become.

    Its places in the queue and on the agenda, and the notice to its requester, are written too.
    """
    return record_all(connection, [Change(order, events)], books)[0]


def record_all(connection: Connection, changes: Sequence[Change], books: Books) -> list[WorkOrder]:
    """Record changes of several orders, each of them once, in few statements; return them."""
    changed = [_changed(change) for change in changes]
    last = append(connection, [event for change in changes for event in change.events])
    first = last - sum(len(change.events) for change in changes)
    seqs = [first + count for count in accumulate(len(change.events) for change in changes)]
    _write(connection, changes, changed)
    befores = [change.order for change in changes]
    keep_roles(connection, list(zip(befores, changed, strict=True)))
    place(connection, _placed(connection, changes, changed, seqs, books))
    arrange(connection, {order.id: books.task(order) for order in changed})
    letters = [
        Post(order, letter, seq, change.events[-1].at)
        for change, order, seq in zip(changes, changed, seqs, strict=True)
        if (letter := books.letter(change.order, order, change.events)) is not None
    ]
    post(connection, letters)
    return changed


def _placed(
    connection: Connection,
    changes: Sequence[Change],
    changed: Sequence[WorkOrder],
    seqs: Sequence[int],
    books: Books,
) -> list[Placed]:
    """Return the orders with their ranks; what has just come in is in no event yet."""
    known = [change.order.id for change in changes if change.order is not None]
    told = sizes(connection, known, most=LARGE_GROUP)
    return [
        Placed(order, books.ranks(order, told.get(order.id, 1)), seq)
        for order, seq in zip(changed, seqs, strict=True)
    ]


def _changed(change: Change) -> WorkOrder:
    order = change.order
    for event in change.events:
        order = apply(order, event)
    if order is None:
        raise ValueError("an order begins with an event")
    return order


def _write(connection: Connection, changes: Sequence[Change], changed: Sequence[WorkOrder]) -> None:
    rows = [row_of(order) for order in changed]
    new = [row for row, change in zip(rows, changes, strict=True) if change.order is None]
    old = [
        {**row, "_id": row["id"]}
        for row, change in zip(rows, changes, strict=True)
        if change.order is not None
    ]
    if new:
        connection.execute(insert(work_order), new)
    if old:
        connection.execute(_UPDATE, old)


def row_of(order: WorkOrder) -> dict[str, object]:
    """Return the columns that are searched by, and the document that is the order."""
    columns = {
        name: getattr(order, name)
        for name in work_order.c.keys()  # noqa: SIM118 - a column collection is no dict
        if name != "document"
    }
    return columns | {"state": order.state.value, "document": order.dump().decode()}
