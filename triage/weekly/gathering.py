"""Gather a week from the store: volume, rates, alarms, hot topics, and what is expected next.

Every figure is written with its query, so that a reader gets the same number by asking again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import quote

from triage.alarms.findings import Point
from triage.desk import alarms
from triage.desk.actor import Actor
from triage.desk.alarm_room import AlarmRoom
from triage.desk.alarms import MOST, AlarmWish
from triage.desk.hot import HotRoom, HotWish, hot_report
from triage.desk.scorecards import scorecards_of
from triage.hot.heat import load_heat
from triage.text.elements import ElementExtractor
from triage.trends.shelf import Shelf
from triage.weekly.document import Bar, Chart, Entry, Figure, Part, WeeklyReport
from triage.weekly.outlook import outlook_of
from triage.weekly.summary import largest, summary_of
from triage.weekly.volume import Counted, Volume, Week, volume_of
from triage.workorder.order_facts import Rate
from triage.workorder.scorecards import By
from triage.workorder.working_calendar import start_of_day

TOP = 5
NOT_SAID = "未写明"
_RATES = {
    Rate.RESPONSE: "响应率",
    Rate.RESOLUTION: "解决率",
    Rate.SATISFACTION: "满意率",
    Rate.OVERDUE: "超期率",
    Rate.REJECT: "退单率",
}
_KINDS = {"outbreak": "突发", "emerging": "苗头", "silence": "静默", "load": "来话超量"}


def weekly_report(
    room: AlarmRoom, monday: date, actor: Actor, *, shelf: Shelf | None = None
) -> WeeklyReport:
    """Return the report of the week that begins on a Monday; `shelf` holds the forecast.

    Raises
    ------
    ValueError
        The day is no Monday.
    ArtifactError
        The stored forecast is damaged.
    StoreUnavailable
    """
    if monday.weekday() != 0:
        raise ValueError(f"{monday} is no Monday")
    week = Week(monday)
    with room.database.snapshot() as connection:
        volume = volume_of(connection, week, room.reports.first_level)
    told, outlook = _alarms(room, week, actor), outlook_of(shelf, week)
    parts = (_volume(room, volume), _rates(room, week, actor), told, _hot(room, week, actor))
    return WeeklyReport(
        monday,
        room.now().isoformat(timespec="minutes"),
        summary_of(volume, told, outlook, room.names),
        (*parts, outlook),
    )


def _volume(room: AlarmRoom, volume: Volume) -> Part:
    figures = [
        Figure("本周诉求", f"{volume.now.n:,} 件", volume.now.sql),
        Figure("上周诉求", f"{volume.before.n:,} 件", volume.before.sql),
        *(Figure(str(day), f"{one.n:,} 件", one.sql) for day, one in volume.days.items()),
        *_top(volume.levels, "一级主题", room),
        *_top(volume.topics, "主题", room),
        *_top(volume.regions, "区县", room),
    ]
    days = tuple(Bar(f"{day:%m-%d}", one.n) for day, one in volume.days.items())
    charts = [Chart("每天的诉求", days, tuple(one.sql for one in volume.days.values()))]
    for title, counts in (("诉求最多的主题", volume.topics), ("诉求最多的区县", volume.regions)):
        ranked = largest(counts)[:TOP]
        if ranked:
            bars = tuple(Bar(_name(room, code), one.n) for code, one in ranked)
            charts.append(Chart(title, bars, tuple(one.sql for _, one in ranked), is_across=True))
    return Part("诉求量", tuple(figures), charts=tuple(charts) if volume.now.n else ())


def _top(counts: Mapping[str, Counted], what: str, room: AlarmRoom) -> list[Figure]:
    return [
        Figure(f"{what}：{_name(room, code)}", f"{one.n:,} 件", one.sql)
        for code, one in largest(counts)[:TOP]
    ]


def _name(room: AlarmRoom, code: str) -> str:
    return room.names(code) or NOT_SAID


def _rates(room: AlarmRoom, week: Week, actor: Actor) -> Part:
    report = scorecards_of(room.reports, week.first, week.last, By.LEVEL, actor)
    source = f"GET /v1/scorecards?from={week.first}&to={week.last}&by=level"
    figures = []
    for card in report.cards:
        name = report.names.get(card.code, card.code)
        for rate, label in _RATES.items():
            figure = card.rates.get(rate)
            if figure is not None and figure.share is not None:
                value = f"{100 * figure.share.value:.1f}%（{figure.n} 件）"
                where = f"{source} → {card.code}.{rate.value}"
                figures.append(Figure(f"{name}{label}", value, where))
    return Part("办理", tuple(figures), empty="本周收的诉求还没有足够的办理结果。")


def _alarms(room: AlarmRoom, week: Week, actor: Actor) -> Part:
    wish = AlarmWish(since=start_of_day(week.first), until=start_of_day(week.until), limit=MOST)
    page = alarms.listed(room, wish, actor)
    entries = [
        Entry(f"{one.evidence['summary']}（{_state(one.state.value, one.outcome)}）",
            f"GET /v1/alarms/{one.id}", _points(one.evidence.get("curve")))
        for one in page.alarms
    ]  # fmt: skip
    figures = []
    for row in alarms.precision(room, wish, actor):
        if row.value is not None:
            judged = row.true + row.false
            value = f"{100 * row.value:.0f}%（{judged} 条有结论）"
            source = f"GET /v1/alarms/precision?{week.query} → {row.kind.value}"
            figures.append(Figure(f"{_KINDS[row.kind.value]}预警的准确率", value, source))
    total = f"{len(entries)}{' 条以上' if page.next_cursor else ' 条'}"
    source = f"GET /v1/alarms?{week.query}&limit={MOST}"
    figures.insert(0, Figure("本周开立预警", total, source))
    return Part("预警", tuple(figures), tuple(entries))


def _hot(room: AlarmRoom, week: Week, actor: Actor) -> Part:
    reports = room.reports
    hot = HotRoom(reports, ElementExtractor(reports.place_names), load_heat())
    wish = HotWish(start_of_day(week.first), start_of_day(week.until), top=TOP)
    found = hot_report(hot, wish, actor)
    source = f"GET /v1/hot-topics?{week.query}&level=events&top={TOP}"
    entries = [
        Entry(f"{one.title or one.id}：{one.facts.count} 件，热度 {one.heat.score:.1f}",
            f"{source} → {quote(one.id)}")
        for one in found.topics
    ]  # fmt: skip
    return Part(
        "热点", (), tuple(entries), empty="本周没有，或还没有归组：请运行 triage hot --keep"
    )


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
