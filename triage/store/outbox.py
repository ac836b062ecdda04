"""The outbox: notices to citizens, each written in the transaction of the event that it tells of.

What is written when is `triage.desk.notices`; how it goes out is `triage.outgoing.courier`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, and_, insert, or_, select, update

from triage.store.outgoing_tables import outbox
from triage.store.tables import work_order
from triage.workorder.order import WorkOrder

PHONE, SOURCE = "phone", "source"
"""Channels: the requester's number is known, or only the system that the request came from."""


class LetterState(StrEnum):
    """WAITING to go; SENT; DEAD after the last attempt; SKIPPED where there is nobody to tell."""

    WAITING = "WAITING"
    SENT = "SENT"
    DEAD = "DEAD"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice to be written: its template, and whether the orders absorbed get it too."""

    template: str
    to_absorbed: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """A notice that waits; `id` is the same whenever it is sent again."""

    id: str
    order_id: str
    template: str
    channel: str
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    """A letter about an order, of the event `seq` and its time."""

    order: WorkOrder
    letter: Letter
    seq: int
    at: datetime


def post(connection: Connection, posts: Sequence[Post]) -> None:
    """Write notices, for their orders and for all that those have absorbed where asked."""
    rows = []
    for one in posts:
        absorbed = one.order.absorbed if one.letter.to_absorbed else ()
        told = [one.order, *_absorbed(connection, absorbed)]
        rows += [_row(order, one) for order in told]
    if rows:
        connection.execute(insert(outbox), rows)


def _row(order: WorkOrder, one: Post) -> dict[str, object]:
    return {
        "id": f"{one.seq}.{order.id}",
        "order_id": order.id,
        "seq": one.seq,
        "channel": PHONE if order.requester else SOURCE,
        "template": one.letter.template,
        "created_at": one.at,
        "state": LetterState.WAITING.value,
        "attempts": 0,
        "next_at": one.at,
        "error": "",
    }


def waiting(
    connection: Connection, now: datetime, limit: int, *, longest: timedelta
) -> list[Posted]:
    """Return notices to be sent by now; one waits until those of its order before it have gone.

    One put off for longer than `longest` is sent too: the clock has gone back since.
    """
    earlier = outbox.alias("earlier")
    blocked = select(earlier.c.id).where(
        earlier.c.order_id == outbox.c.order_id,
        earlier.c.seq < outbox.c.seq,
        earlier.c.state == LetterState.WAITING.value,
    )
    is_time = or_(outbox.c.next_at <= now, outbox.c.next_at > now + longest)
    due = and_(outbox.c.state == LetterState.WAITING.value, is_time)
    rows = connection.execute(
        select(outbox)
        .where(due, ~blocked.exists())
        .order_by(outbox.c.next_at, outbox.c.seq)
        .limit(limit)
    )
    return [
        Posted(row.id, row.order_id, row.template, row.channel, row.attempts, row.created_at)
        for row in rows
    ]


def settle(
    connection: Connection,
    letter: Posted,
    state: LetterState,
    *,
    next_at: datetime | None = None,
    error: str = "",
) -> None:
    """Write what became of one attempt; `next_at` is when the next one is, for one that waits."""
    values: dict[str, object] = {
        "state": state.value,
        "attempts": letter.attempts + 1,
        "error": error[:64],
    }
    if next_at is not None:
        values["next_at"] = next_at
    connection.execute(update(outbox).where(outbox.c.id == letter.id).values(**values))


def _absorbed(connection: Connection, ids: Sequence[str]) -> Iterator[WorkOrder]:
    """Give these orders and, level by level, those that were merged into them before."""
    while ids:
        query = select(work_order.c.document).where(work_order.c.id.in_(ids))
        orders = [WorkOrder.load(text) for text in connection.execute(query).scalars()]
        yield from orders
        ids = [one for order in orders for one in order.absorbed]
