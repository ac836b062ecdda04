"""Evidence for what counts have shown: some of the orders behind it, and the words that they share.

Reports (举报) are named by their number only, their words are not read.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, select

from triage.alarms.findings import AlarmKind, Finding
from triage.alarms.key import Level, SeriesKey
from triage.desk.event_groups import entry_of
from triage.hot.telling import Telling
from triage.hot.wording import Background, terms_of, title_of
from triage.store.tables import work_order
from triage.workorder.order import WorkOrder
from triage.workorder.working_calendar import start_of_day

SHOWN, READ, BACKGROUND = 20, 100, 300
"""Orders named, orders read for their words, orders of others that say what is common."""


def with_orders(
    connection: Connection, found: Finding, topics: dict[str, tuple[str, ...]]
) -> Finding:
    """Return an outbreak with its orders, terms and title; any other finding as it is.

    Parameters
    ----------
    topics : the topics of each first level
    """
    if found.kind is not AlarmKind.OUTBREAK:
        return found
    ends = start_of_day(found.day + timedelta(days=1))
    begins = ends - timedelta(days=found.window_days)
    orders = _orders(connection, _of(found.key, topics), begins, ends, READ)
    if not orders:
        return found
    others = _orders(connection, [], begins - timedelta(days=7), begins, BACKGROUND)
    told = [Telling(entry_of(one), is_report=one.is_report) for one in orders]
    background = Background(f"{one.title}\n{one.text[:200]}" for one in others if not one.is_report)
    return replace(
        found,
        requests=tuple(one.id for one in orders[:SHOWN]),
        terms=tuple(terms_of(told, background)),
        title=title_of(told, background),
    )


def _of(key: SeriesKey, topics: dict[str, tuple[str, ...]]) -> list[ColumnElement[bool]]:
    column = work_order.c
    found: list[ColumnElement[bool]] = []
    if key.area:
        found.append(column.region == key.area)
    if key.topic:
        found.append(column.topic == key.topic)
    elif key.l1 and key.level is not Level.TOPIC:
        found.append(column.topic.in_(topics.get(key.l1, ())))
    return found


def _orders(
    connection: Connection,
    where: list[ColumnElement[bool]],
    begins: datetime,
    ends: datetime,
    limit: int,
) -> list[WorkOrder]:
    column = work_order.c
    query = (
        select(column.document)
        .where(column.received_at >= begins, column.received_at < ends, *where)
        .order_by(column.received_at.desc(), column.id)
        .limit(limit)
    )
    return [WorkOrder.load(text) for text in connection.execute(query).scalars()]
