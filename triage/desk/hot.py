"""Hot topics of a period from the kept event groups, within the caller's part of the city.

Counts come from columns, words from a few documents of each group, masked; reports (举报) count and
say nothing. Units that a report may accuse have no access (serving/data/access.csv).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from triage.desk.actor import Actor
from triage.desk.event_groups import APART, entry_of
from triage.desk.guards import MoveRefused
from triage.desk.reports import Reports
from triage.hot.heat import HeatRules
from triage.hot.opaque import opaque
from triage.hot.problems import is_one_event, is_widespread
from triage.hot.telling import Telling, read_telling
from triage.hot.topics import Gathered, HotTopic, Period, hot_topics
from triage.request import Json
from triage.same_event.entry import Entry
from triage.store.event_groups import Counted, Level, Part, counted, known_since, largest
from triage.store.orders import find_all
from triage.text.elements import ElementExtractor
from triage.workorder.order import WorkOrder
from triage.workorder.working_calendar import start_of_day

CONSIDERED = 200
"""The largest groups of a period, of which the hottest are shown: heat goes with volume first."""
READ = 100
"""Documents of a group that are read, evenly taken."""
MOST_DAYS = 92
"""A quarter: longer periods are asked for in parts."""
MOST_TOP = 100
_BACK = re.compile(r"([1-9][0-9]{0,3})([dh])")
_YEARS = (2000, 2101)
"""The first year of a period and the first that is none: a slip of the pen lies outside."""


@dataclass(frozen=True, slots=True)
class HotWish:
    """What is asked for; `since` and `until` (not included) are aware, `region` "" takes all."""

    since: datetime
    until: datetime
    level: Level = "events"
    region: str = ""
    top: int = 20


@dataclass(frozen=True, slots=True)
class HotReport:
    """The hottest groups; `heat_version` is that of the weights."""

    wish: HotWish
    heat_version: str
    topics: tuple[HotTopic, ...]

    def to_json(self) -> dict[str, Json]:
        """Return the published form."""
        return {
            "since": self.wish.since.isoformat(),
            "until": self.wish.until.isoformat(),
            "level": self.wish.level,
            "region": self.wish.region or None,
            "heat_version": self.heat_version,
            "topics": [topic.to_json() for topic in self.topics],
        }


@dataclass(frozen=True, slots=True)
class HotRoom:
    """What hot topics are made with."""

    reports: Reports
    extractor: ElementExtractor
    rules: HeatRules


def wish_of(
    since: str, until: date | None, now: datetime, *, level: Level, region: str, top: int
) -> HotWish:
    """Return what is asked for in words: `since` is 7d, 24h or a day, `until` a day or now.

    Raises
    ------
    MoveRefused
        period_invalid.
    """
    back = _BACK.fullmatch(since)
    try:
        end = start_of_day(until) if until is not None else now
        if back is None:
            begin = start_of_day(date.fromisoformat(since))
        else:
            begin = end - int(back[1]) * timedelta(**{"days" if back[2] == "d" else "hours": 1})
    except ValueError:
        raise MoveRefused(
            "period_invalid",
            f"since 的值 {since!r} 应为 7d、24h，或一天如 2026-11-01",
            field="since",
        ) from None
    except OverflowError:  # before the first year that dates have
        raise _not_a_period(since, until) from None
    first, last = _YEARS
    is_within = start_of_day(date(first, 1, 1)) <= begin and end < start_of_day(date(last, 1, 1))
    if not begin < end or not is_within:
        raise _not_a_period(since, until)
    return HotWish(begin, end, level, region, top)


def _not_a_period(since: str, until: date | None) -> MoveRefused:
    first, last = _YEARS
    return MoveRefused(
        "period_invalid",
        f"从 {since} 到 {until or '现在'}：截止须晚于起始，都在 {first} 到 {last - 1} 年之间",
        field="since" if until is None else "until",
    )


def hot_report(room: HotRoom, wish: HotWish, actor: Actor) -> HotReport:
    """Return the hottest events or common problems of a period that the caller reaches.

    Raises
    ------
    MoveRefused
        period_invalid.
    ValueError
        `top` is not in 1 … MOST_TOP.
    StoreUnavailable
    """
    _check(wish)
    rules = room.rules
    with room.reports.database.snapshot() as connection:
        period = Period(wish.since, wish.until, known_since(connection))
        part = _part(wish.since, wish.until, wish, actor)
        least = 2 if wish.level == "events" else rules.problem_least
        names = largest(connection, wish.level, part, least=least, limit=CONSIDERED) if part else []
        gathered = [_gathered(room, connection, wish, name, period, actor) for name in names]
        found = [one for one in gathered if one is not None and one.tellings]
        level = "event" if wish.level == "events" else "problem"
        topics = hot_topics(found, rules, level=level, top=wish.top)
        if wish.level == "events":
            topics = _named(connection, topics, actor)
    if _is_orderless(actor):
        topics = [replace(topic, representatives=()) for topic in topics]
    return HotReport(wish, rules.version, tuple(topics))


def _is_orderless(actor: Actor) -> bool:
    """Say whether a caller may not look at orders, and so sees none by its number."""
    return bool(actor.roles) and actor.roles <= {"analyst"}


def _named(connection: Connection, topics: Sequence[HotTopic], actor: Actor) -> list[HotTopic]:
    """Return events by an opaque id where the order that one is named after is not the caller's."""
    began = {topic.id: topic.id.removeprefix(APART) for topic in topics}
    orders = {} if _is_orderless(actor) else find_all(connection, list(began.values()))
    open_ids = {id for id, order in orders.items() if actor.reaches(order)}
    is_all = not (_is_orderless(actor) or actor.regions or actor.units)
    return [
        topic if is_all or began[topic.id] in open_ids else replace(topic, id=opaque(topic.id))
        for topic in topics
    ]


def _check(wish: HotWish) -> None:
    days = (wish.until - wish.since).total_seconds() / 86_400
    if not 0 < days <= MOST_DAYS:
        raise MoveRefused(
            "period_invalid",
            f"从 {wish.since} 到 {wish.until}：截止须晚于起始，至多 {MOST_DAYS} 天",
            field="since",
        )
    if not 1 <= wish.top <= MOST_TOP:
        raise ValueError(f"top is {wish.top}, not in 1 to {MOST_TOP}")


def _part(since: datetime, until: datetime, wish: HotWish, actor: Actor) -> Part | None:
    """Return what is counted; None where the caller reaches nothing of the region asked for."""
    if wish.region and actor.regions and wish.region not in actor.regions:
        return None
    regions = frozenset({wish.region}) if wish.region else actor.regions
    return Part(since, until, regions, actor.units)


def _gathered(
    room: HotRoom,
    connection: Connection,
    wish: HotWish,
    name: str,
    period: Period,
    actor: Actor,
) -> Gathered | None:
    """Return a group; None for a problem that is told of too few places or is one event."""
    part = _part(wish.since, wish.until, wish, actor)
    assert part is not None
    rows = counted(connection, wish.level, name, part)
    step = max(1, -(-len(rows) // READ))
    orders = find_all(connection, [row.order_id for row in rows[::step]])
    read = tuple(_telling(room, one) for one in orders.values() if actor.reaches(one))
    if wish.level == "problems" and (
        all(one.is_report for one in read)  # older rows are named by a word of theirs
        or not is_widespread(read, {row.order_id: row.event_id for row in rows}, room.rules)
        or is_one_event([row.event_id for row in rows], room.rules)
    ):
        return None
    before = None
    if period.before is not None:
        earlier = replace(part, since=period.before, until=period.since)
        before = float(len(counted(connection, wish.level, name, earlier)))
    tellings = read if actor.units else tuple(_light(row) for row in rows)
    return Gathered(name, tellings, before, read)


def _telling(room: HotRoom, order: WorkOrder) -> Telling:
    return read_telling(
        entry_of(order), room.extractor, urgency=order.urgency, is_report=order.is_report
    )


def _light(row: Counted) -> Telling:
    entry = Entry(row.order_id, "", "", row.received_at, row.requester, row.region, row.topic)
    return Telling(entry)
