"""Whose words an alarm shows to whom: no report's, no other district's, none in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import orjson
import pytest
from sqlalchemy import Connection

from triage.alarms.alarm import Step
from triage.alarms.findings import AlarmKind, Finding, Method
from triage.alarms.key import Level, SeriesKey, wordless
from triage.catalogue import Catalogue
from triage.desk import alarm_emerging, alarms
from triage.desk.actor import Actor
from triage.desk.alarm_emerging import growing_events, storms, term_findings
from triage.desk.alarm_evidence import with_orders
from triage.desk.alarm_raising import alarm_event, raise_findings
from triage.desk.alarm_room import AlarmRoom, open_room
from triage.desk.alarm_view import alarm_json
from triage.desk.alarms import AlarmWish
from triage.hot.opaque import opaque
from triage.hot.signals import load_signals
from triage.request import Ranked
from triage.store.event_groups import Member, Why, keep
from triage.workorder.working_calendar import shanghai_day

if TYPE_CHECKING:
    from desks import Desk

CATALOGUE = Catalogue.load()
CHIEF = Actor("chief", frozenset({"supervisor"}))
YUZHONG = replace(CHIEF, regions=frozenset({"500103"}))
SECRET = "举报翠微小区鸿运烧烤店夜里偷倒油污"
CITY_STORM = Finding(
    kind=AlarmKind.EMERGING,
    key=SeriesKey(Level.EVENT, event="20260301-AAAAAAAA"),
    day=date(2026, 3, 1),
    window_days=1,
    count=45,
    expected=5.0,
    chance=2e-9,
    rate=1.0,
    dispersion=1.0,
    method=Method.STORM,
    terms=("爆管",),
    requests=("20260301-AAAAAAAA", "20260301-BBBBBBBB"),
    title="碧梧小区水管爆管",
    proposes=("mode:EMERGENCY", "merge:20260301-AAAAAAAA"),
)
CITY_BURST = replace(
    CITY_STORM,
    kind=AlarmKind.OUTBREAK,
    key=SeriesKey(Level.TOPIC, topic="SR03"),
    method=Method.FARRINGTON,
    parts=("topic_area:SR03@500103", "topic_area:SR03@500112"),
    proposes=(),
)


def room(desk: Desk) -> AlarmRoom:
    return open_room(desk.office.database, CATALOGUE, now=lambda: desk.now)


def opened(desk: Desk, found: Finding) -> str:
    (alarm_id,) = raise_findings(room(desk), [found], "test").opened
    return alarm_id


def as_report(desk: Desk, *, is_report: bool = True) -> None:
    assert desk.said is not None
    desk.said = replace(desk.said, request_type=Ranked("REPORT" if is_report else "HELP", 0.9))


def event_of(desk: Desk, n: int, text: str) -> str:
    """Take some calls in and put them into the event of the first; return it."""
    made = []
    for number in range(n):
        phone = f"1380000{number:04d}"
        made.append(desk.taken(f"{text}{'！' * number}", requester={"phone": phone}))
    first = made[0].id
    rows = [
        Member(one.id, first, one.received_at, "", Why.JUDGED, "system", desk.now, 1.0, "t", n)
        for n, one in enumerate(made, 1)
    ]
    quiet = [
        replace(rows[0], order_id=f"Q{n}", event_id=f"Q{n}", seq=0)  # what is usual in a city
        for n in range(100)
    ]
    with desk.office.database.write() as connection:
        keep(connection, rows + quiet)
    return first


@pytest.mark.parametrize("look", [storms, growing_events])
def test_an_event_of_reports_alone_is_raised_without_their_words(
    desk: Desk, look: Callable[[AlarmRoom, Connection, datetime], list[Finding]]
) -> None:
    as_report(desk)
    first = event_of(desk, 20, SECRET)
    desk.wait(seconds=1)
    with desk.office.database.read() as connection:
        (found,) = look(room(desk), connection, desk.now)
    assert (found.key.event, found.count, found.title, found.terms) == (first, 20, "", ())
    alarm = alarms.shown(room(desk), opened(desk, found), CHIEF)
    shown = orjson.dumps(alarm_json(alarm, CHIEF)).decode()
    assert not any(word in shown for word in ("翠微", "鸿运", "油污"))


def test_an_outbreak_of_reports_has_neither_title_nor_terms(desk: Desk) -> None:
    as_report(desk)
    for n in range(4):
        desk.take(f"{SECRET}{'！' * n}")
    found = replace(CITY_BURST, title="", terms=(), requests=(), day=shanghai_day(desk.now))
    with desk.office.database.read() as connection:
        seen = with_orders(connection, found, {})
    assert (len(seen.requests), seen.title, seen.terms) == (4, "", ())
    as_report(desk, is_report=False)
    desk.take("澄川小区楼下烧烤店油烟太大")
    with desk.office.database.read() as connection:
        mixed = with_orders(connection, found, {})
    assert "澄川小区" in mixed.title


def test_a_word_that_only_reports_share_is_no_new_term(desk: Desk) -> None:
    desk.now -= timedelta(days=10)
    for n in range(30):
        desk.take(f"路灯不亮已经{n}天了没有人修")
    desk.now += timedelta(days=10)
    day = shanghai_day(desk.now)

    def found() -> list[Finding]:
        with desk.office.database.read() as connection:
            return list(term_findings(room(desk), connection, day, ["500103"]))

    as_report(desk)
    for n in range(20):
        desk.take(f"{SECRET}{'！' * n}")
    assert found() == []
    as_report(desk, is_report=False)
    for n in range(20):
        desk.take(f"澄川小区出现浮泡菌{'！' * n}")
    assert found()
    assert not any(word in str(found()) for word in ("翠微", "鸿运", "油污"))


@pytest.mark.parametrize("found", [CITY_STORM, CITY_BURST])
def test_a_district_sees_only_figures_of_what_is_raised_for_the_whole_city(
    desk: Desk, found: Finding
) -> None:
    alarm_id = opened(desk, found)
    alarms.acknowledge(room(desk), alarm_id, CHIEF, note="碧梧小区已去人")
    (listed,) = alarms.listed(room(desk), AlarmWish(), YUZHONG).alarms
    for alarm in (listed, alarms.shown(room(desk), alarm_id, YUZHONG)):
        shown = orjson.dumps(alarm_json(alarm, YUZHONG)).decode()
        assert not any(word in shown for word in ("碧梧", "爆管", "AAAAAAAA", "BBBB", "500112"))
        assert (alarm.evidence["count"], alarm.evidence["expected"]) == (45, 5.0)
        assert "45 件，预期 5.0 件，是预期的 9.0 倍" in str(alarm.evidence["summary"])
        assert alarm.evidence["proposes"] == []
    whole = orjson.dumps(alarm_json(alarms.shown(room(desk), alarm_id, CHIEF), CHIEF)).decode()
    assert all(word in whole for word in ("碧梧小区水管爆管", "爆管", "BBBBBBBB"))


def test_a_district_s_own_event_is_named_by_an_order_only_where_that_is_its_own(
    desk: Desk,
) -> None:
    key = replace(CITY_STORM.key, area="500103")
    own = alarms.shown(room(desk), opened(desk, replace(CITY_STORM, key=key)), YUZHONG)
    assert own.series == "event:20260301-AAAAAAAA@500103"
    other = replace(CITY_STORM, key=replace(key, event="20260301-CCCCCCCC"))
    theirs = alarms.shown(room(desk), opened(desk, other), YUZHONG)
    assert theirs.series == f"event:{opaque('20260301-CCCCCCCC')}@500103"
    assert (theirs.evidence["title"], "CCCC" in str(theirs)) == ("碧梧小区水管爆管", False)


def test_an_analyst_follows_an_event_by_an_id_that_is_no_order_s_number(desk: Desk) -> None:
    alarm = alarms.shown(room(desk), opened(desk, CITY_STORM), CHIEF)
    shown = alarm_json(alarm, Actor("a", frozenset({"analyst"})))
    assert shown["series"] == f"event:{opaque('20260301-AAAAAAAA')}"
    assert "AAAAAAAA" not in orjson.dumps(shown).decode()


def test_the_ledger_names_a_new_term_s_series_without_the_term(desk: Desk) -> None:
    key = SeriesKey(Level.EVENT, event="term-浮泡菌", area="500103")
    alarm = alarms.shown(room(desk), opened(desk, replace(CITY_STORM, key=key)), CHIEF)
    event = alarm_event(alarm, Step.OPENED, desk.now, "system")
    assert alarm.series == "event:term-浮泡菌@500103"
    assert event.body["series"] == "event:term@500103"
    assert "浮泡菌" not in str(event)
    assert wordless("topic_area:SR03@500103") == "topic_area:SR03@500103"


def test_people_are_counted_over_as_many_days_as_the_rules_say(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    storm, emerging = load_signals()
    rules = replace(emerging, recent_days=6)
    monkeypatch.setattr(alarm_emerging, "load_signals", lambda: (storm, rules))
    desk.now -= timedelta(days=4)  # longer ago than three days, within six
    first = event_of(desk, 20, "澄川小区楼下烧烤店油烟太大")
    desk.now += timedelta(days=4)
    with desk.office.database.read() as connection:
        found = growing_events(room(desk), connection, desk.now)
    assert Counter(one.key.event for one in found) == {first: 1}
