"""Gather a week from the store: volume, topics, districts, rates, alarms, hot topics.

Every figure is written with its query, so that a reader gets the same number by asking again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from triage.alarms.findings import Point
from triage.desk import alarms
from triage.desk.actor import Actor
from triage.desk.alarm_room import AlarmRoom
from triage.desk.alarms import MOST, AlarmWish
from triage.desk.hot import HotRoom, HotWish, hot_report
from triage.desk.scorecards import scorecards_of
from triage.hot.heat import load_heat
from triage.store.tables import work_order
from triage.text.elements import ElementExtractor
from triage.weekly.document import Entry, Figure, Part, WeeklyReport
from triage.workorder.order_facts import Rate
from triage.workorder.scorecards import By
from triage.workorder.working_calendar import start_of_day

TOP = 5
_RATES = {
    Rate.RESPONSE: "响应率",
    Rate.RESOLUTION: "解决率",
    Rate.SATISFACTION: "满意率",
    Rate.OVERDUE: "超期率",
    Rate.REJECT: "退单率",
}


@dataclass(frozen=True, slots=True)
class _Week:
    first: date

    @property
    def until(self) -> date:
        return self.first + timedelta(days=7)

    @property
    def before(self) -> _Week:
        return _Week(self.first - timedelta(days=7))

    @property
    def query(self) -> str:
        return f"since={self.first}&until={self.until}"


def weekly_report(room: AlarmRoom, monday: date, actor: Actor) -> WeeklyReport:
    """Return the report of the week that begins on a Monday.

    Raises
    ------
    ValueError
        The day is no Monday.
    StoreUnavailable
    """
    if monday.weekday() != 0:
        raise ValueError(f"{monday} is no Monday")
    week = _Week(monday)
    with room.database.snapshot() as connection:
        now, before = _count(connection, week), _count(connection, week.before)
        topics, regions = _by(connection, week, "topic"), _by(connection, week, "region")
    volume = _volume(room, week, (now, before), topics, regions)
    told = _alarms(room, week, actor)
    parts = (volume, _rates(room, week, actor), told, _hot(room, week, actor))
    return WeeklyReport(
        monday,
        room.now().isoformat(timespec="minutes"),
        _summary(now, before, topics, len(told.entries), room),
        parts,
    )


def _volume(
    room: AlarmRoom,
    week: _Week,
    totals: tuple[int, int],
    topics: Mapping[str, int],
    regions: Mapping[str, int],
) -> Part:
    now, before = totals
    source = f"work_order received_at {week.first}..{week.until}"
    figures = [
        Figure("本周诉求", f"{now:,} 件", source),
        Figure(
            "上周诉求",
            f"{before:,} 件",
            f"work_order received_at {week.before.first}..{week.first}",
        ),
    ]
    levels: dict[str, int] = {}
    for topic, n in topics.items():
        l1 = room.reports.first_level.get(topic, "")
        levels[l1 or "未写明"] = levels.get(l1 or "未写明", 0) + n
    figures += _top(levels, "一级主题", f"{source} 一级主题=", room)
    figures += _top(topics, "主题", f"{source} topic=", room)
    figures += _top(regions, "区县", f"{source} region=", room)
    return Part("诉求量", tuple(figures))


def _top(counts: Mapping[str, int], what: str, source: str, room: AlarmRoom) -> list[Figure]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP]
    return [
        Figure(f"{what}：{room.names(code) or '未写明'}", f"{n:,} 件", f"{source}{code}")
        for code, n in ranked
    ]


def _rates(room: AlarmRoom, week: _Week, actor: Actor) -> Part:
    last = week.until - timedelta(days=1)
    report = scorecards_of(room.reports, week.first, last, By.LEVEL, actor)
    source = f"GET /v1/scorecards?from={week.first}&to={last}&by=level"
    figures = []
    for card in report.cards:
        name = report.names.get(card.code, card.code)
        for rate, label in _RATES.items():
            figure = card.rates.get(rate)
            if figure is not None and figure.share is not None:
                value = f"{100 * figure.share.value:.1f}%（{figure.n} 件）"
                figures.append(Figure(f"{name}{label}", value, f"{source} {card.code}"))
    return Part("办理", tuple(figures), empty="本周收的诉求还没有足够的办理结果。")


def _alarms(room: AlarmRoom, week: _Week, actor: Actor) -> Part:
    wish = AlarmWish(since=start_of_day(week.first), until=start_of_day(week.until), limit=MOST)
    page = alarms.listed(room, wish, actor)
    entries = [
        Entry(f"{one.evidence['summary']}（{_state(one.state.value, one.outcome)}）", one.id,
            _points(one.evidence.get("curve")))
        for one in page.alarms
    ]  # fmt: skip
    source = f"GET /v1/alarms/precision?{week.query}"
    figures = []
    for row in alarms.precision(room, wish, actor):
        if row.value is not None:
            judged = row.true + row.false
            value = f"{100 * row.value:.0f}%（{judged} 条有结论）"
            figures.append(Figure(f"{row.kind.value} 准确率", value, source))
    total = f"{len(entries)}{'+' if page.next_cursor else ''} 条"
    figures.insert(0, Figure("本周开立的预警", total, f"GET /v1/alarms?{week.query}"))
    return Part("预警", tuple(figures), tuple(entries))


def _hot(room: AlarmRoom, week: _Week, actor: Actor) -> Part:
    reports = room.reports
    hot = HotRoom(reports, ElementExtractor(reports.place_names), load_heat())
    wish = HotWish(start_of_day(week.first), start_of_day(week.until), top=TOP)
    found = hot_report(hot, wish, actor)
    source = f"GET /v1/hot-topics?{week.query}&top={TOP}"
    entries = [
        Entry(f"{one.title or one.id}：{one.facts.count} 件，热度 {one.heat.score:.1f}",
            f"{source} {one.id}")
        for one in found.topics
    ]  # fmt: skip
    return Part("热点", (), tuple(entries))


def _summary(
    now: int, before: int, topics: Mapping[str, int], raised: int, room: AlarmRoom
) -> tuple[str, ...]:
    said = [f"本周受理 {now:,} 件诉求"]
    if before:
        said.append(f"比上周{'多' if now >= before else '少'} {abs(now - before) / before:.1%}")
    if topics:
        code, n = max(topics.items(), key=lambda item: (item[1], item[0]))
        said.append(f"最多的是“{room.names(code) or '未写明'}”（{n:,} 件）")
    said.append(f"开立预警 {raised} 条")
    return ("，".join(said) + "。",)


def _count(connection: Connection, week: _Week) -> int:
    return int(connection.execute(select(func.count()).where(*_within(week))).scalar_one())


def _by(connection: Connection, week: _Week, column: str) -> dict[str, int]:
    name = work_order.c[column]
    rows = connection.execute(select(name, func.count()).where(*_within(week)).group_by(name))
    return {str(code): int(n) for code, n in rows}


def _within(week: _Week):  # type: ignore[no-untyped-def]  # noqa: ANN202  two conditions of SQLAlchemy
    at = work_order.c.received_at
    return at >= start_of_day(week.first), at < start_of_day(week.until)


def _points(curve: object) -> tuple[Point, ...]:
    rows: Sequence[Mapping[str, object]] = curve if isinstance(curve, list) else ()
    return tuple(
        Point(
            str(row["at"]),
            int(str(row["count"])),
            None if row["expected"] is None else float(str(row["expected"])),
        )
        for row in rows
    )


def _state(state: str, outcome: str) -> str:
    names = {"OPEN": "未确认", "ACKNOWLEDGED": "已确认", "MERGED": "已并入", "CLOSED": "已办结"}
    outcomes = {"TRUE": "属实", "KNOWN": "属实且已知", "FALSE": "误报", "UNCLEAR": "说不清"}
    return names[state] + (f"，{outcomes[outcome]}" if outcome else "")
