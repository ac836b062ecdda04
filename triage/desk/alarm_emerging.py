"""Emerging matters: events that begin to grow or storm, and new terms in a district.

Signals are those of `triage.hot.signals`; events are those kept by `triage hot --keep`. A storm
proposes 急 and merging: a person decides both.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, select

from triage.alarms.findings import AlarmKind, Finding, Method, Point
from triage.alarms.key import TERM, Level, SeriesKey
from triage.alarms.rules import TermRules
from triage.alarms.terms import new_terms
from triage.desk.alarm_room import AlarmRoom
from triage.desk.event_groups import entry_of
from triage.hot.counters import Counters
from triage.hot.signals import (
    EmergingRules,
    Signal,
    StormRules,
    emerging_signal,
    load_signals,
    storm_signal,
)
from triage.hot.telling import Telling
from triage.hot.wording import Background, title_of
from triage.store.event_groups import Counted, Part, counted, largest
from triage.store.event_tables import event_member
from triage.store.orders import find_all
from triage.store.tables import work_order
from triage.workorder.order import WorkOrder
from triage.workorder.working_calendar import shanghai_day, start_of_day

CONSIDERED = 300
"""The largest events of late that are looked at: what is small does not pass `least`."""
SHOWN = 20
"""Orders named as evidence."""
_TEXTS_RECENT, _TEXTS_BEFORE = 600, 1_500
"""Texts of a district that are read, the newest: a term of 5 in 600 is still one in a hundred."""
_LEAST_USUAL = 0.05


def growing_events(room: AlarmRoom, connection: Connection, now: datetime) -> list[Finding]:
    """Return events that have begun to grow in the last days."""
    _, rules = load_signals()
    today = shanghai_day(now)
    begins = start_of_day(today - timedelta(days=rules.recent_days - 1))
    names = largest(connection, "events", Part(begins, now), least=rules.least, limit=CONSIDERED)
    since = begins - timedelta(days=rules.history_days)
    found = []
    for name in names:
        rows = counted(connection, "events", name, Part(since, now))
        signal = _growth(name, rows, today, rules)
        if signal.is_raised:
            recent = [row for row in rows if row.received_at >= begins]
            found.append(_event(connection, signal, recent, today, rules.recent_days))
    return found


def storms(room: AlarmRoom, connection: Connection, now: datetime) -> list[Finding]:
    """Return events of which far more calls come this hour than usual."""
    rules, _ = load_signals()
    since = now - timedelta(hours=2)
    names = largest(connection, "events", Part(since, now), least=rules.least, limit=CONSIDERED)
    if not names:
        return []
    usual = _usual(connection, now, rules)
    found = []
    for name in names:
        begins = now - timedelta(hours=rules.history_hours + 2)
        rows = counted(connection, "events", name, Part(begins, now))
        counters = Counters()
        for row in rows:
            counters.add(row.received_at, row.region, row.requester)
        signal = storm_signal(name, counters, now, usual, rules)
        if signal.is_raised:
            recent = [row for row in rows if row.received_at >= since]
            found.append(_event(connection, signal, recent, shanghai_day(now), 0))
    return found


def term_findings(
    room: AlarmRoom, connection: Connection, day: date, areas: Sequence[str]
) -> Iterator[Finding]:
    """Give the terms that are new in some districts; reports (举报) are not read."""
    rules = room.rules.terms
    ends = start_of_day(day + timedelta(days=1))
    begins = ends - timedelta(days=rules.recent_days)
    since = begins - timedelta(days=rules.history_days)
    for area in areas:
        recent = _texts(connection, area, begins, ends, _TEXTS_RECENT)
        if len(recent) < rules.least:
            continue
        before = _texts(connection, area, since, begins, _TEXTS_BEFORE)
        texts = [_read(one) for one in recent]
        for term in new_terms(texts, map(_read, before), rules):
            orders = [recent[place] for place in term.at]
            yield Finding(
                kind=AlarmKind.EMERGING,
                key=SeriesKey(Level.EVENT, event=f"{TERM}{term.term}"[:80], area=area),
                day=day,
                window_days=rules.recent_days,
                count=term.count,
                expected=term.expected,
                chance=term.chance,
                rate=1.0,
                dispersion=1.0,
                method=Method.TERMS,
                curve=_by_day([one.received_at for one in orders]),
                terms=(term.term, *term.others),
                requests=tuple(one.id for one in orders[:SHOWN]),
                title=term.term,
            )


def areas_with_orders(connection: Connection, day: date, rules: TermRules) -> list[str]:
    """Return the districts that had orders in the last days."""
    ends = start_of_day(day + timedelta(days=1))
    query = (
        select(work_order.c.region)
        .where(
            work_order.c.received_at >= ends - timedelta(days=rules.recent_days),
            work_order.c.received_at < ends,
            work_order.c.region != "",
        )
        .distinct()
        .order_by(work_order.c.region)
    )
    return [str(one) for one in connection.execute(query).scalars()]


def _growth(name: str, rows: Sequence[Counted], today: date, rules: EmergingRules) -> Signal:
    days = Counter(shanghai_day(row.received_at) for row in rows)
    since = today - timedelta(days=rules.recent_days)
    recent = [row for row in rows if shanghai_day(row.received_at) > since]
    people = {row.requester for row in recent if row.requester}
    unknown = sum(not row.requester for row in recent)
    return emerging_signal(name, days, len(people) + unknown, today, rules)


def _event(
    connection: Connection, signal: Signal, rows: Sequence[Counted], today: date, window: int
) -> Finding:
    """Return the finding of an event; a window of 0 days is a storm's hour.

    Where most of it lies in one district, only orders of that district are its evidence.
    """
    is_storm = window == 0
    regions = Counter(row.region for row in rows if row.region)
    region, most = regions.most_common(1)[0] if regions else ("", 0)
    area = region if 2 * most > len(rows) else ""
    ids = tuple(row.order_id for row in rows if not area or row.region == area)[:SHOWN]
    orders = find_all(connection, ids)
    told = [Telling(entry_of(one), is_report=one.is_report) for one in orders.values()]
    return Finding(
        kind=AlarmKind.EMERGING,
        key=SeriesKey(Level.EVENT, event=signal.group_id, area=area),
        day=today,
        window_days=max(window, 1),
        count=signal.count,
        expected=signal.expected,
        chance=signal.chance,
        rate=1.0,
        dispersion=1.0,
        method=Method.STORM if is_storm else Method.GROWTH,
        curve=_by_day([row.received_at for row in rows]),
        requests=ids,
        title=title_of(told, Background(())),
        proposes=("mode:EMERGENCY", f"merge:{signal.group_id}") if is_storm else (),
    )


def _usual(connection: Connection, now: datetime, rules: StormRules) -> float:
    """Return how many calls an event of the last day had in an hour, on average."""
    since = now - timedelta(hours=rules.history_hours)
    column = event_member.c
    rows = connection.execute(
        select(column.event_id, column.received_at).where(
            column.received_at >= since, column.received_at < now
        )
    )
    hours: dict[tuple[str, int], int] = defaultdict(int)
    for event_id, at in rows:
        hours[event_id, int(at.timestamp()) // 3600] += 1
    return max(_LEAST_USUAL, sum(hours.values()) / len(hours)) if hours else _LEAST_USUAL


def _texts(
    connection: Connection, area: str, begins: datetime, ends: datetime, limit: int
) -> list[WorkOrder]:
    column = work_order.c
    query = (
        select(column.document)
        .where(column.received_at >= begins, column.received_at < ends, column.region == area)
        .order_by(column.received_at.desc())
        .limit(limit)
    )
    orders = [WorkOrder.load(text) for text in connection.execute(query).scalars()]
    return [one for one in orders if not one.is_report]


def _read(order: WorkOrder) -> str:
    return f"{order.title}\n{order.text}"


def _by_day(moments: Sequence[datetime]) -> tuple[Point, ...]:
    """Return how many there were on each day, days between left in with 0."""
    days = Counter(shanghai_day(one) for one in moments)
    if not days:
        return ()
    first, last = min(days), max(days)
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert all(a < b for a, b in pairwise(span))
    return tuple(Point(day.isoformat(), days[day], None) for day in span)
