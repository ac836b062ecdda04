from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from sqlalchemy import text

from triage.alarms.findings import AlarmKind, Finding, Method, Point
from triage.alarms.key import Level, SeriesKey
from triage.catalogue import Catalogue
from triage.desk import alarms
from triage.desk.actor import Actor
from triage.desk.alarm_raising import raise_findings
from triage.desk.alarm_room import AlarmRoom, open_room
from triage.desk.alarms import AlarmWish
from triage.trends.forecasts import ForecastFacts, write_forecast
from triage.trends.shelf import Shelf
from triage.weekly import Figure, Part, Sentence, WeeklyReport, html_of, weekly_report
from triage.weekly.document import Bar, Chart, Entry
from triage.weekly.timeline import timeline_svg

if TYPE_CHECKING:
    from desks import Desk

CATALOGUE = Catalogue.load()
CHIEF = Actor("chief", frozenset({"administrator"}))
MONDAY = date(2026, 3, 2)
BURST = Finding(
    kind=AlarmKind.OUTBREAK,
    key=SeriesKey(Level.TOPIC_AREA, topic="SR03", l1="市容环卫", area="500103"),
    day=MONDAY,
    window_days=1,
    count=45,
    expected=14.8,
    chance=2e-9,
    rate=1e-5,
    dispersion=1.2,
    method=Method.FARRINGTON,
    curve=(Point("2026-03-01", 12, 14.1), Point("2026-03-02", 45, 14.8)),
)


def room(desk: Desk) -> AlarmRoom:
    return open_room(desk.office.database, CATALOGUE, now=lambda: desk.now)


def lived(desk: Desk) -> AlarmRoom:
    """Let three requests come in and an alarm be raised."""
    for n in range(3):
        desk.take(f"楼下烧烤店油烟太大，第{n}次反映")
    found = room(desk)
    raise_findings(found, [BURST], "test")
    desk.wait(hours=1)
    return found


def stored(folder: Path, first: date, days: int = 14) -> Shelf:
    """Store a city's forecast: on the n-th day a median of n, a mean of n + 1, n − 1 to n + 2."""
    n = [float(step) for step in range(1, days + 1)]
    rows = pl.DataFrame(
        {
            "level": "city",
            "date": [str(first + timedelta(days=step)) for step in range(days)],
            "mean": [one + 1 for one in n],
            "median": n,
            "lo-95": [one - 1 for one in n],
            "hi-95": [one + 2 for one in n],
            "model": "seasonal_naive",
        }
    )
    known = str(first - timedelta(days=1))
    write_forecast(folder, ForecastFacts("daily", (), days, (95.0,), known, known, 1), rows)
    return Shelf(folder, CATALOGUE)


def figures_of(report: WeeklyReport) -> dict[str, Figure]:
    return {one.label: one for part in report.parts for one in part.figures}


def test_whoever_runs_the_sql_of_a_figure_gets_its_number(desk: Desk) -> None:
    opened = lived(desk)
    desk.now = datetime(2026, 2, 28, 1, tzinfo=UTC)  # and one of the week before
    desk.take("楼上漏水")
    figures = figures_of(weekly_report(opened, MONDAY, CHIEF))
    counted = [one for one in figures.values() if one.source.startswith("SELECT")]
    assert {"本周诉求", "上周诉求", "2026-03-02", "主题：餐饮油烟", "区县：渝中区"} <= {
        one.label for one in counted
    }
    with desk.office.database.read() as connection:
        for one in counted:
            n = connection.execute(text(one.source)).scalar_one()
            assert one.value == f"{n} 件", one.label
    assert (figures["本周诉求"].value, figures["上周诉求"].value) == ("3 件", "1 件")
    assert figures["2026-03-03"].value == "0 件"


def test_a_number_cannot_be_written_without_a_source(desk: Desk) -> None:
    with pytest.raises(ValueError, match="source"):
        Figure("x", "1", "")
    with pytest.raises(ValueError, match="source"):
        Sentence("本周 3 件。", ())
    report = weekly_report(lived(desk), MONDAY, CHIEF)
    named = [one.source for one in figures_of(report).values()]
    named += [source for sentence in report.summary for source in sentence.sources]
    named += [one.source for part in report.parts for one in part.entries]
    assert set(named) <= set(report.numbers)
    assert sorted(report.numbers.values()) == list(range(1, len(report.numbers) + 1))


def test_the_summary_says_how_much_of_what_and_what_was_raised(desk: Desk) -> None:
    report = weekly_report(lived(desk), MONDAY, CHIEF)
    assert [one.text for one in report.summary] == [
        "本周受理 3 件诉求，上周没有。",
        "主题最多的是“餐饮油烟”，3 件，占 100.0%。",
        "区县最多的是“渝中区”，3 件，占 100.0%。",
        "本周开立预警 1 条。",
    ]


def test_the_next_week_is_the_stored_forecast(desk: Desk, tmp_path: Path) -> None:
    shelf = stored(tmp_path / "trends", MONDAY + timedelta(days=4))
    report = weekly_report(lived(desk), MONDAY, CHIEF, shelf=shelf)
    figures = figures_of(report)
    # The forecast begins on the Friday: the Monday after is its 4th day, the Sunday its 10th.
    assert figures["下周预计（逐日均值之和）"].value == "56 件"  # 5 + 6 + … + 11
    assert figures["2026-03-09 预计（中位数）"].value == "4 件（95% 区间 3–6）"
    assert report.summary[-1].text == "下周预计（逐日均值之和） 56 件。"
    assert '<line class="interval"' in html_of(report)


def test_from_the_tuesday_on_the_days_left_are_shown(desk: Desk, tmp_path: Path) -> None:
    opened, tuesday = lived(desk), MONDAY + timedelta(days=8)
    shelf = stored(tmp_path / "tuesday", tuesday)
    report = weekly_report(opened, MONDAY, CHIEF, shelf=shelf)
    figures = figures_of(report)
    assert figures["下周余下 6 天预计（逐日均值之和）"].value == "27 件"  # 2 + 3 + … + 7
    assert figures["2026-03-10 预计（中位数）"].value == "1 件（95% 区间 0–3）"
    assert "2026-03-09 预计（中位数）" not in figures
    assert report.summary[-1].text == "下周余下 6 天预计（逐日均值之和） 27 件。"
    (chart,) = report.parts[-1].charts
    assert (chart.title, len(chart.bars)) == ("下周余下 6 天每天的预测与 95% 区间", 6)
    # Of a week that is over nothing is expected, and no command would change that.
    shelf = stored(tmp_path / "over", tuesday + timedelta(days=6))
    over = weekly_report(opened, MONDAY, CHIEF, shelf=shelf)
    assert over.parts[-1].is_empty
    assert "下周已经过去" in over.parts[-1].empty
    assert "triage forecast" not in over.parts[-1].empty


def test_without_a_forecast_of_the_next_week_the_command_is_named(
    desk: Desk, tmp_path: Path
) -> None:
    opened = lived(desk)
    short = stored(tmp_path / "short", MONDAY, days=9)  # ends on the Tuesday of the next week
    for shelf in (None, Shelf(tmp_path, CATALOGUE), short):
        last = weekly_report(opened, MONDAY, CHIEF, shelf=shelf).parts[-1]
        assert last.is_empty
        assert "triage forecast --from-store --horizon 14 --stored" in last.empty


def test_the_page_points_every_number_to_a_source_and_fetches_nothing(desk: Desk) -> None:
    opened = lived(desk)
    (alarm,) = alarms.listed(opened, AlarmWish(), CHIEF).alarms
    report = weekly_report(opened, MONDAY, CHIEF)
    page = html_of(report)
    assert f"GET /v1/alarms/{alarm.id}" in page
    assert "2026-03-02：45 件，预期 14.8" in page
    assert "<script" not in page
    assert "http" not in page
    linked, kept = (
        set(re.findall(pattern, page)) for pattern in ('href="#(s[0-9]+)"', 'id="(s[0-9]+)"')
    )
    assert linked == kept == {f"s{n}" for n in report.numbers.values()}
    # No value of the table stands without its reference.
    assert all('class="ref"' in cell for cell in re.findall(r'<td class="value">.*?</td>', page))
    assert "@page{size:A4" in page


def test_what_is_named_after_a_citizen_stays_text(desk: Desk) -> None:
    chart = Chart("<b>", (Bar("<script>x</script>", 3),), ("s",), is_across=True)
    part = Part("<i>", (Figure("<u>", "3 件", "<a>"),), (Entry("<em>", "e"),), (chart,))
    page = html_of(WeeklyReport(MONDAY, "now", (Sentence("<s>", ()),), (part,)))
    for tag in ("<b>", "<script>", "<i>", "<u>", "<a>", "<em>", "<s>"):
        assert tag not in page


def test_a_week_without_anything_says_so(desk: Desk) -> None:
    page = html_of(weekly_report(room(desk), MONDAY - timedelta(days=7), CHIEF))
    assert "本周没有，或还没有归组" in page
    assert "本周收的诉求还没有足够的办理结果。" in page
    assert '<svg class="chart"' not in page
    with pytest.raises(ValueError, match="no Monday"):
        weekly_report(room(desk), MONDAY + timedelta(days=1), CHIEF)


def test_the_word_document_holds_the_same_figures_and_sources(desk: Desk, tmp_path: Path) -> None:
    pytest.importorskip("docx")
    from docx import Document

    from triage.weekly.docx import write_docx

    path = tmp_path / "w.docx"
    report = weekly_report(lived(desk), MONDAY, CHIEF)
    write_docx(report, path)
    document = Document(str(path))
    rows = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    for one in figures_of(report).values():
        assert [one.label, f"{one.value}[{report.numbers[one.source]}]"] in rows
    lines = [one.text for one in document.paragraphs]
    assert [f"[{n}] {source}" for source, n in report.numbers.items()] == [
        line for line in lines if re.match(r"\[[0-9]+\] ", line)
    ]


def test_a_timeline_has_a_row_an_alarm_with_its_words(desk: Desk) -> None:
    opened = lived(desk)
    found = alarms.listed(opened, AlarmWish(), CHIEF).alarms
    evil = replace(found[0], evidence={**found[0].evidence, "summary": "<script>x</script>"})
    svg = timeline_svg([evil], desk.now - timedelta(days=7), desk.now, opened.names)
    assert "渝中区 餐饮油烟" in svg
    assert "<script" not in svg
