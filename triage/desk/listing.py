"""Find orders: by state, unit, region, topic, source and day, newest first, a page at a time.

The cursor is the last order seen (time and id), so a page never shifts when new orders come in.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import ColumnElement, and_, or_, select

from triage.desk.actor import Actor
from triage.desk.guards import MoveRefused
from triage.desk.office import Office
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
    more = _packed(rows[limit - 1].received_at, rows[limit - 1].id) if len(rows) > limit else None
    return Found(tuple(order for order in orders if actor.reaches(order)), more)


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
    if actor.regions:
        found.append(columns.region.in_(sorted(actor.regions)))
    return found


def _after(cursor: str | None) -> Sequence[ColumnElement[bool]]:
    if not cursor:
        return ()
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at, order_id = orjson.loads(base64.urlsafe_b64decode(padded))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError(at)
    except (ValueError, TypeError, binascii.Error):
        raise MoveRefused(
            "cursor_invalid", "cursor 无法识别：请原样使用上一页的 next_cursor", field="cursor"
        ) from None
    columns = work_order.c
    same = and_(columns.received_at == moment, columns.id < str(order_id))
    return (columns.received_at <= moment, or_(columns.received_at < moment, same))


def _packed(at: datetime, order_id: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([at.isoformat(), order_id])).decode().rstrip("=")
