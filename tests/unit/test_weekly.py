from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from triage.alarms.findings import AlarmKind, Finding, Method, Point
from triage.alarms.key import Level, SeriesKey
from triage.catalogue import Catalogue
from triage.desk import alarms
from triage.desk.actor import Actor
from triage.desk.alarm_raising import raise_findings
from triage.desk.alarm_room import AlarmRoom, open_room
from triage.desk.alarms import AlarmWish
from triage.weekly import Figure, html_of, weekly_report
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


def test_every_figure_of_a_week_has_a_source(desk: Desk) -> None:
    report = weekly_report(lived(desk), MONDAY, CHIEF)
    figures = [one for part in report.parts for one in part.figures]
    assert [one.value for one in figures if one.label == "本周诉求"] == ["3 件"]
    assert [one.value for one in figures if one.label == "主题：餐饮油烟"] == ["3 件"]
    assert all(one.source for one in figures)
    assert "本周受理 3 件诉求" in report.summary[0]
    with pytest.raises(ValueError, match="source"):
        Figure("x", "1", "")


def test_the_page_names_alarms_by_id_draws_them_and_fetches_nothing(desk: Desk) -> None:
    opened = lived(desk)
    (alarm,) = alarms.listed(opened, AlarmWish(), CHIEF).alarms
    page = html_of(weekly_report(opened, MONDAY, CHIEF))
    assert alarm.id in page
    assert "2026-03-02：45 件，预期 14.8" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_week_without_anything_says_so(desk: Desk) -> None:
    page = html_of(weekly_report(room(desk), MONDAY - timedelta(days=7), CHIEF))
    assert "本周没有。" in page
    with pytest.raises(ValueError, match="no Monday"):
        weekly_report(room(desk), MONDAY + timedelta(days=1), CHIEF)


def test_the_word_document_holds_the_same_figures(desk: Desk, tmp_path: Path) -> None:
    pytest.importorskip("docx")
    from triage.weekly.docx import write_docx

    path = tmp_path / "w.docx"
    write_docx(weekly_report(lived(desk), MONDAY, CHIEF), path)
    with zipfile.ZipFile(path) as file:
        text = file.read("word/document.xml").decode()
    assert "本周诉求" in text
    assert "work_order received_at 2026-03-02..2026-03-09" in text


def test_a_timeline_has_a_row_an_alarm_with_its_words(desk: Desk) -> None:
    opened = lived(desk)
    found = alarms.listed(opened, AlarmWish(), CHIEF).alarms
    evil = replace(found[0], evidence={**found[0].evidence, "summary": "<script>x</script>"})
    svg = timeline_svg([evil], desk.now - timedelta(days=7), desk.now, opened.names)
    assert "渝中区 餐饮油烟" in svg
    assert "<script" not in svg
