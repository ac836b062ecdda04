"""Look at everything alarms are raised of, in one go: days, units, events, terms, hours, load.

Gathers and judges; writing down is `alarm_raising`. What cannot be judged is said, not skipped in
silence.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from triage.alarms.findings import AlarmKind, Finding
from triage.alarms.hours import quiet_hours
from triage.alarms.load import Staffing, overload
from triage.alarms.series import SeriesSet
from triage.alarms.watch import watch
from triage.desk.alarm_emerging import (
    areas_with_orders,
    growing_events,
    storms,
    term_findings,
)
from triage.desk.alarm_evidence import with_orders
from triage.desk.alarm_load import coming_hours
from triage.desk.alarm_room import AlarmRoom
from triage.desk.alarm_series import channel_hours, units_answering
from triage.intake.moments import SHANGHAI
from triage.trends.reading import Counts

_NO_CALLS = ("没有存下的小时预测，也没有两周以上的电话来话，没有判断来话超量",)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found, and what should be said about it, in Chinese."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()


def watch_day(room: AlarmRoom, series: SeriesSet) -> Seen:
    """Judge the last day of the series, with units, events and terms from the store.

    Raises
    ------
    StoreUnavailable
    """
    if not series.days:
        return Seen((), ("没有任何序列，什么也没有判断",))
    day, calendar = series.days[-1], room.reports.clocks.calendar
    seen = watch(series, room.rules, calendar)
    found, notes = list(seen.findings), list(series.notes)
    too_short = seen.too_short
    topics: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for code, l1 in room.reports.first_level.items():
        topics[l1] += (code,)
    with room.database.snapshot() as connection:
        found = [with_orders(connection, one, topics) for one in found]
        units = units_answering(connection, day)
        if units is not None:
            answered = watch(units, room.rules, calendar)
            found += answered.findings
            too_short += answered.too_short
        areas = areas_with_orders(connection, day, room.rules.terms)
        terms = term_findings(room, connection, day, areas)
        found += [one for one in terms if not _is_told(one, found)]
    if too_short:
        days = room.rules.outbreak.short_days
        notes.append(f"{too_short} 个序列的历史不足 {days} 天，没有判断")
    return Seen(tuple(found), tuple(notes))


def watch_hours(room: AlarmRoom, counts: Counts | None, staffing: Staffing | None = None) -> Seen:
    """Judge the last hours: channels that have gone quiet, storms, events, the load to come.

    Raises
    ------
    StoreUnavailable, UnusableFile
    """
    now, calendar = room.now(), room.reports.clocks.calendar
    with room.database.snapshot() as connection:
        found = storms(room, connection, now)
        stormy = {one.key.event for one in found}
        growing = growing_events(room, connection, now)
        found += [one for one in growing if one.key.event not in stormy]
    notes: list[str] = []
    if counts is not None:
        hourly = channel_hours(counts, now.astimezone(SHANGHAI))
        if _is_fresh(counts, now):
            found += quiet_hours(hourly, room.rules.silence, calendar)
        else:
            notes.append("统计不是刚更新的，没有判断各渠道的小时静默；请先运行 triage trends build")
        if staffing is not None:
            coming = coming_hours(room, counts)
            found += overload(coming.hours, staffing, room.rules.load, calendar, coming.method)
            notes += coming.notes if coming.hours else _NO_CALLS
    return Seen(tuple(found), tuple(notes))


def yesterday(room: AlarmRoom) -> date:
    """Return the last whole day in Shanghai."""
    return room.reports.today - timedelta(days=1)


def _is_told(term: Finding, found: list[Finding]) -> bool:
    """Say whether most orders of a new term are those of an outbreak in its district."""
    known = {
        order
        for one in found
        if one.kind is AlarmKind.OUTBREAK and one.key.area == term.key.area
        for order in one.requests
    }
    return 2 * len(known & set(term.requests)) >= len(term.requests)


def _is_fresh(counts: Counts, now: datetime) -> bool:
    """Say whether the counts were brought up to date within this hour or the one before."""
    built = counts.manifest().built_at
    hour = now.replace(minute=0, second=0, microsecond=0)
    return bool(built) and datetime.fromisoformat(built) >= hour
