"""Find orders: by state, unit, region, topic, source and day, newest first, a page at a time.

The cursor is the last order seen (time and id), so a page never shifts when new orders come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from triage.desk.actor import Actor
from triage.desk.cursors import packed, unpacked
from triage.desk.guards import MoveRefused
from triage.desk.office import Office
from triage.store.order_units import is_seen_by
from triage.store.tables import work_order
from triage.workorder.order import WorkOrder
from triage.workorder.states import State

MOST = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty takes all."""

    state: str = ""
    lead: str = ""
    region: str = ""
    topic: str = ""
    source: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page; `next_cursor` is None on the last."""

    orders: tuple[WorkOrder, ...]
    next_cursor: str | None


def find_orders(
    office: Office, wanted: Wanted, actor: Actor, *, cursor: str | None, limit: int
) -> Found:
    """Return one page of the orders that the caller reaches.

    Raises
    ------
    MoveRefused
        state_unknown, cursor_invalid.
    StoreUnavailable
    """
    columns = work_order.c
    query = (
        select(columns.received_at, columns.id, columns.document)
        .where(*_conditions(wanted, actor), *_after(cursor))
        .order_by(columns.received_at.desc(), columns.id.desc())
        .limit(limit + 1)
    )
    with office.database.read() as connection:
        rows = connection.execute(query).all()
    orders = [WorkOrder.load(row.document) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    more = packed(last.received_at.isoformat(), last.id) if last else None
    return Found(tuple(orders), more)


def _conditions(wanted: Wanted, actor: Actor) -> list[ColumnElement[bool]]:
    if wanted.state and wanted.state not in State.__members__:
        codes = "、".join(State)
        raise MoveRefused(
            "state_unknown", f"状态 {wanted.state!r} 不存在：可用 {codes}", field="state"
        )
    columns = work_order.c
    found = [
        columns[name] == value
        for name in ("state", "lead", "region", "topic", "source")
        if (value := getattr(wanted, name))
    ]
    if wanted.since is not None:
        found.append(columns.received_at >= wanted.since)
    if wanted.until is not None:
        found.append(columns.received_at < wanted.until)
    if actor.units:
        found.append(is_seen_by(columns.id, actor.units))
    if actor.regions:
        found.append(columns.region.in_(sorted(actor.regions)))
    return found


def _after(cursor: str | None) -> Sequence[ColumnElement[bool]]:
    if not cursor:
        return ()
    moment, order_id = unpacked(cursor, _place)
    columns = work_order.c
    same = and_(columns.received_at == moment, columns.id < order_id)
    return (columns.received_at <= moment, or_(columns.received_at < moment, same))


def _place(at: str, order_id: str) -> tuple[datetime, str]:
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None:
        raise ValueError(at)
    return moment, str(order_id)
