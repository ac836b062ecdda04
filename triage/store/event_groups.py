"""Event groups in the store: who is in which, and counts of them in a period.

A group is the orders with one `event_id`; nothing else is kept of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from sqlalchemy import ColumnElement, Connection, func, select, update

from triage.store.event_tables import event_member
from triage.store.ledger import Entry, entry_of
from triage.store.policy import RecordClass
from triage.store.tables import ledger, work_order
from triage.store.upsert import upsert
from triage.workorder.events import Event, Kind

Level = Literal["events", "problems"]
FOLLOWED = (Kind.INTAKE.value, Kind.MERGE.value, Kind.UNMERGE.value, Kind.PURGE.value)


class Why(StrEnum):
    """Why an order is in its event: it began it, copied it, was judged; a person did it."""

    BEGAN = "began"
    COPY = "copy"
    JUDGED = "judged"
    MERGED = "merged"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Member:
    """An order in its event; see `event_tables`."""

    order_id: str
    event_id: str
    received_at: datetime
    problem: str
    why: Why
    actor: str
    at: datetime
    probability: float
    judge: str
    seq: int


@dataclass(frozen=True, slots=True)
class Part:
    """Orders received from `since` to `until` (not included), in some regions, of some leads.

    No `regions` or `leads` takes all.
    """

    since: datetime
    until: datetime
    regions: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted of one order, without a word of it."""

    order_id: str
    received_at: datetime
    requester: str
    region: str
    topic: str
    event_id: str


def last_followed(connection: Connection) -> int:
    """Return the ledger's event that was followed last; 0 before the first."""
    return int(connection.execute(select(func.max(event_member.c.seq))).scalar() or 0)


def to_follow(connection: Connection, after: int, limit: int) -> list[Entry]:
    """Return the next events that put orders into groups, take them out, or take words away."""
    rows = connection.execute(
        select(ledger)
        .where(ledger.c.seq > after, ledger.c.kind.in_(FOLLOWED))
        .order_by(ledger.c.seq)
        .limit(limit)
    )
    return [entry_of(row) for row in rows]


def is_purge_of_words(event: Event) -> bool:
    """Say whether an event of the ledger is that the words of orders were taken away."""
    return event.kind is Kind.PURGE and event.body.get("class") == RecordClass.ORDER_TEXTS.value


def keep(connection: Connection, members: Sequence[Member]) -> None:
    """Write where orders belong; the last word on an order counts."""
    last = {one.order_id: one for one in members}
    rows = [
        {name: getattr(one, name) for name in Member.__slots__} | {"why": one.why.value}
        for one in last.values()
    ]
    upsert(connection, event_member, rows)


def absorb(connection: Connection, gone: str, kept: str) -> None:
    """Put all orders of one event into another."""
    connection.execute(
        update(event_member).where(event_member.c.event_id == gone).values(event_id=kept)
    )


def event_of(connection: Connection, order_id: str) -> str:
    """Return the event of an order; "" where it is in none yet."""
    query = select(event_member.c.event_id).where(event_member.c.order_id == order_id)
    return str(connection.execute(query).scalar() or "")


def members_of(connection: Connection, event_id: str) -> list[Member]:
    """Return who is in an event, the earliest received first."""
    column = event_member.c
    rows = connection.execute(
        select(event_member)
        .where(column.event_id == event_id)
        .order_by(column.received_at, column.order_id)
    )
    return [Member(**{**row._mapping, "why": Why(row.why)}) for row in rows]


def recent(connection: Connection, since: datetime, limit: int) -> list[tuple[str, str]]:
    """Return (event, order) of the newest members, the oldest of them first."""
    column = event_member.c
    rows = connection.execute(
        select(column.event_id, column.order_id)
        .where(column.received_at >= since, column.why != Why.SPLIT.value)
        .order_by(column.received_at.desc(), column.order_id.desc())
        .limit(limit)
    )
    return [(row.event_id, row.order_id) for row in reversed(rows.all())]


def last_told(connection: Connection, limit: int) -> list[tuple[str, str]]:
    """Return (event, order) of the members that were written last, split ones among them."""
    column = event_member.c
    query = select(column.event_id, column.order_id).order_by(column.seq.desc()).limit(limit)
    return [(row.event_id, row.order_id) for row in connection.execute(query)]


def known_since(connection: Connection) -> datetime | None:
    """Return when the earliest order in any event was received."""
    found: datetime | None = connection.execute(
        select(event_member.c.received_at).order_by(event_member.c.received_at).limit(1)
    ).scalar()
    return found


def largest(
    connection: Connection, level: Level, part: Part, *, least: int, limit: int
) -> list[str]:
    """Return the groups with the most orders in a part, at least `least`, the largest first."""
    column = _column(level)
    count = func.count()
    query = select(column)
    if part.regions or part.leads:  # a week of a whole city is counted without its orders
        query = query.join(work_order, work_order.c.id == event_member.c.order_id)
    rows = connection.execute(
        query.where(column != "", *_within(part))
        .group_by(column)
        .having(count >= least)
        .order_by(count.desc(), column)
        .limit(limit)
    )
    return [str(row[0]) for row in rows]


def counted(connection: Connection, level: Level, group: str, part: Part) -> list[Counted]:
    """Return the orders of a group in a part, the earliest first."""
    rows = connection.execute(
        select(
            event_member.c.order_id,
            event_member.c.received_at,
            work_order.c.requester,
            work_order.c.region,
            work_order.c.topic,
            event_member.c.event_id,
        )
        .join(work_order, work_order.c.id == event_member.c.order_id)
        .where(_column(level) == group, *_within(part))
        .order_by(event_member.c.received_at, event_member.c.order_id)
    )
    return [Counted(*row) for row in rows]


def _column(level: Level) -> ColumnElement[str]:
    return event_member.c.event_id if level == "events" else event_member.c.problem


def _within(part: Part) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        event_member.c.received_at >= part.since,
        event_member.c.received_at < part.until,
    ]
    if part.regions:
        found.append(work_order.c.region.in_(part.regions))
    if part.leads:
        found.append(work_order.c.lead.in_(part.leads))
    return found
