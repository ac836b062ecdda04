"""The clerk's rounds, which hang on no single order: new clocks, an emergency's end, the queue.

How far each has come is a mark in the store, so that a round goes on where a process died.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, select

from triage.desk.actor import SYSTEM
from triage.desk.mode import EMERGENCY, NORMAL
from triage.desk.office import Office
from triage.request import Json
from triage.store.agenda import arrange
from triage.store.instant import microseconds
from triage.store.leases import mark_of, set_mark
from triage.store.ledger import append, head_of
from triage.store.orders import Change, claim_free, record_all
from triage.store.queue import forget
from triage.store.tables import ledger, ledger_head, queue_entry
from triage.workorder.agenda import Task
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder

CLOCKS, PLACES = "clocks", "places"
_DONE = "done"
QUEUE_MEMORY = timedelta(hours=1)
"""How long a page of the queue can still be turned, at least; at most twice as long."""


def is_round_due(office: Office, connection: Connection, now: datetime) -> bool:
    """Say whether there is anything to do that hangs on no single order."""
    return (
        mark_of(connection, CLOCKS) != f"{_DONE} {office.clocks.version}"
        or _is_stale(mark_of(connection, PLACES), now)
        or _ended_emergency(connection, now)
    )


def clock_round(
    office: Office, connection: Connection, now: datetime, batch: int
) -> tuple[int, int]:
    """Work out the deadlines of a batch of open orders anew, where policy or calendar changed.

    Returns how many orders were looked at, 0 when the round is over, and how many deadlines moved.
    """
    version = office.clocks.version
    if mark_of(connection, CLOCKS) == f"{_DONE} {version}":
        return 0, 0
    after = _come_to(office, connection)
    ids = _open_ids(connection, after, batch)
    orders = claim_free(connection, ids)
    free = {order.id for order in orders}
    taken = next((index for index, one in enumerate(ids) if one not in free), len(ids))
    within = set(ids[:taken])  # the rest next time: somebody is changing the one that follows
    idle: dict[str, Task | None] = {}
    changes = []
    for order in orders:
        if order.id in within and order.is_open:
            events = _new_deadline(office, order, now)
            if events:
                changes.append(Change(order, events))
            else:
                idle[order.id] = office.books.task(order)
    arrange(connection, idle)
    if changes:
        record_all(connection, changes, office.books)
    if not ids:
        set_mark(connection, CLOCKS, f"{_DONE} {version}")
    elif taken:
        set_mark(connection, CLOCKS, f"{ids[taken - 1]} {version}")
    return taken, len(changes)


def pass_over(office: Office, connection: Connection) -> None:
    """Leave out the order whose turn it is: it cannot be read."""
    for order_id in _open_ids(connection, _come_to(office, connection), 1):
        set_mark(connection, CLOCKS, f"{order_id} {office.clocks.version}")


def _come_to(office: Office, connection: Connection) -> str:
    """Return the last order that this round has looked at; "" at its beginning."""
    at, _, under = mark_of(connection, CLOCKS).partition(" ")
    return at if under == office.clocks.version and at != _DONE else ""


def note_mode(connection: Connection, now: datetime) -> int:
    """Note once that an emergency has ended by itself; return how many notes were made."""
    if not _ended_emergency(connection, now):
        return 0
    connection.execute(select(ledger_head).with_for_update())
    if not _ended_emergency(connection, now):
        return 0  # somebody declared a mode in this very moment
    body: dict[str, Json] = {"mode": NORMAL, "until": None, "reason": "应急状态到期自动结束"}
    append(connection, [Event("", Kind.MODE, now, SYSTEM.id, body)])
    return 1


def forget_places(connection: Connection, now: datetime) -> int:
    """Forget places in the queue that were left before the mark of an hour ago; return how many."""
    mark = mark_of(connection, PLACES)
    if not _is_stale(mark, now):
        return 0
    at, _, seq = mark.partition(" ")
    gone = forget(connection, int(seq)) if seq and int(at) <= microseconds(now) else 0
    set_mark(connection, PLACES, f"{microseconds(now)} {head_of(connection).seq}")
    return gone


def _is_stale(mark: str, now: datetime) -> bool:
    """Say whether a mark is older than an hour, or, a clock having gone back, of a time to come."""
    if not mark:
        return True
    age = microseconds(now) - int(mark.partition(" ")[0])
    return not 0 <= age < QUEUE_MEMORY // timedelta(microseconds=1)


def _open_ids(connection: Connection, after: str, limit: int) -> list[str]:
    query = (
        select(queue_entry.c.order_id)
        .where(queue_entry.c.to_seq.is_(None), queue_entry.c.order_id > after)
        .order_by(queue_entry.c.order_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def _new_deadline(office: Office, order: WorkOrder, now: datetime) -> list[Event]:
    due = office.clocks.due(order)
    if due.at == order.due_at:
        return []
    body: dict[str, Json] = {
        "due_at": due.at.isoformat(),
        "due_kind": due.kind,
        "reason": "policy_or_calendar",
        "version": office.clocks.version,
    }
    return [Event(order.id, Kind.DEADLINE, now, SYSTEM.id, body)]


def _ended_emergency(connection: Connection, now: datetime) -> bool:
    """Say whether the last declaration is of an emergency whose time has run out."""
    query = (
        select(ledger.c.body)
        .where(ledger.c.kind == Kind.MODE.value)
        .order_by(ledger.c.seq.desc())
        .limit(1)
    )
    text = connection.execute(query).scalar()
    if text is None:
        return False
    body = orjson.loads(text)
    return body["mode"] == EMERGENCY and datetime.fromisoformat(body["until"]) <= now
