from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Barrier, BrokenBarrierError
from typing import TYPE_CHECKING

import orjson
import pytest
from sqlalchemy import select

from triage.alarms.alarm import AlarmRefused, AlarmState, Step
from triage.alarms.findings import AlarmKind, Finding, Method, Point
from triage.alarms.key import Level, SeriesKey
from triage.catalogue import Catalogue
from triage.desk import alarms
from triage.desk.actor import Actor, NotAllowed
from triage.desk.alarm_raising import raise_findings
from triage.desk.alarm_room import AlarmRoom, open_room
from triage.desk.alarm_view import alarm_json
from triage.desk.alarm_watch import watch_hours
from triage.desk.alarms import AlarmWish
from triage.outgoing.payload import payload
from triage.store.alarms import StaleAlarm, UnknownAlarm
from triage.store.ledger import entries
from triage.store.tables import ledger

if TYPE_CHECKING:
    from desks import Desk

CATALOGUE = Catalogue.load()
CHIEF = Actor("chief", frozenset({"supervisor"}))
YUZHONG = replace(CHIEF, regions=frozenset({"500103"}))
OTHERS = replace(CHIEF, regions=frozenset({"500112"}))
BURST = Finding(
    kind=AlarmKind.OUTBREAK,
    key=SeriesKey(Level.TOPIC_AREA, topic="SR03", l1="市容环卫", area="500103"),
    day=date(2026, 3, 1),
    window_days=1,
    count=45,
    expected=14.8,
    chance=2e-9,
    rate=1e-5,
    dispersion=1.2,
    method=Method.FARRINGTON,
    curve=(Point("2026-03-01", 45, 14.8),),
    requests=("20260301-AAAAAAAA",),
)


def room(desk: Desk) -> AlarmRoom:
    return open_room(desk.office.database, CATALOGUE, now=lambda: desk.now)


def opened(desk: Desk, found: Finding = BURST) -> str:
    (alarm_id,) = raise_findings(room(desk), [found], "test").opened
    return alarm_id


def test_a_finding_opens_one_alarm_with_its_evidence_in_words(desk: Desk) -> None:
    alarm = alarms.shown(room(desk), opened(desk), CHIEF)
    assert (alarm.state, alarm.series, alarm.area) == (
        AlarmState.OPEN,
        "topic_area:SR03@500103",
        "500103",
    )
    assert alarm.evidence["count"] == 45
    assert str(alarm.evidence["summary"]).startswith(
        "2026-03-01 渝中区“餐饮油烟”当天 45 件，预期 14.8 件，是预期的 3.0 倍。"
    )
    assert alarm.recipients == ("supervisor", "dispatcher")


def test_of_two_findings_of_one_series_the_first_is_raised(desk: Desk) -> None:
    other = replace(BURST, count=99)
    (alarm_id,) = raise_findings(room(desk), [BURST, other], "test").opened
    assert alarms.shown(room(desk), alarm_id, CHIEF).evidence["count"] == 45


def test_the_same_finding_again_changes_nothing_the_next_day_is_one_more_step(desk: Desk) -> None:
    alarm_id = opened(desk)
    again = raise_findings(room(desk), [BURST], "test")
    assert (again.opened, again.seen) == ((), ())
    desk.wait(days=1)
    later = replace(BURST, day=date(2026, 3, 2), count=60)
    assert raise_findings(room(desk), [later], "test").seen == (alarm_id,)
    alarm = alarms.shown(room(desk), alarm_id, CHIEF)
    assert [one.step for one in alarm.steps] == [Step.OPENED, Step.SEEN]
    assert alarm.evidence["count"] == 60


def test_a_closed_series_cools_down_and_then_may_be_raised_again(desk: Desk) -> None:
    alarms.close(room(desk), opened(desk), "TRUE", CHIEF)
    desk.wait(days=2)
    assert raise_findings(room(desk), [replace(BURST, day=date(2026, 3, 3))], "t").cooling == 1
    desk.wait(days=2)
    assert raise_findings(room(desk), [replace(BURST, day=date(2026, 3, 5))], "t").opened


def test_an_alarm_that_does_not_come_again_is_said_to_be_calm_once(desk: Desk) -> None:
    alarm_id = opened(desk)
    desk.wait(days=4)
    assert raise_findings(room(desk), [], "t").calmed == (alarm_id,)
    assert raise_findings(room(desk), [], "t").calmed == ()
    assert alarms.shown(room(desk), alarm_id, CHIEF).is_calm


def test_another_process_at_the_same_moment_writes_nothing(desk: Desk) -> None:
    raise_findings(room(desk), [], "one")
    assert raise_findings(room(desk), [BURST], "other").is_busy
    assert alarms.listed(room(desk), AlarmWish(), CHIEF).alarms == ()


def test_a_life_ends_with_an_outcome_and_its_notes_are_masked(desk: Desk) -> None:
    alarm_id = opened(desk)
    alarms.acknowledge(room(desk), alarm_id, CHIEF, note="联系13800001234")
    done = alarms.close(room(desk), alarm_id, "FALSE", CHIEF)
    assert (done.state, done.outcome, done.version) == (AlarmState.CLOSED, "FALSE", 3)
    assert "13800001234" not in orjson.dumps(alarm_json(done, CHIEF)).decode()
    with pytest.raises(AlarmRefused) as refused:
        alarms.close(room(desk), alarm_id, "TRUE", CHIEF)
    assert refused.value.code == "alarm_ended"


def test_an_alarm_is_merged_into_a_live_other_one_only(desk: Desk) -> None:
    one = opened(desk)
    two = opened(desk, replace(BURST, key=SeriesKey(Level.AREA, area="500103")))
    with pytest.raises(AlarmRefused) as itself:
        alarms.merge(room(desk), one, one, CHIEF)
    merged = alarms.merge(room(desk), one, two, CHIEF)
    assert (merged.state, merged.merged_into) == (AlarmState.MERGED, two)
    three = opened(desk, replace(BURST, key=SeriesKey(Level.CITY)))
    with pytest.raises(AlarmRefused) as ended:
        alarms.merge(room(desk), three, one, CHIEF)
    assert [itself.value.code, ended.value.code] == ["alarm_merge_itself", "alarm_merge_ended"]


def test_who_changes_an_alarm_may_say_which_one_was_seen(desk: Desk) -> None:
    alarm_id = opened(desk)
    alarms.acknowledge(room(desk), alarm_id, CHIEF, version=1)
    with pytest.raises(StaleAlarm):
        alarms.close(room(desk), alarm_id, "TRUE", CHIEF, version=1)
    with pytest.raises(UnknownAlarm):
        alarms.acknowledge(room(desk), "A20260302-XXXXXX", CHIEF)


def test_a_district_sees_its_own_and_the_citys_and_closes_its_own_only(desk: Desk) -> None:
    own = opened(desk)
    city = opened(desk, replace(BURST, key=SeriesKey(Level.TOPIC, topic="SR03")))
    seen = {one.id for one in alarms.listed(room(desk), AlarmWish(), YUZHONG).alarms}
    assert seen == {own, city}
    assert {one.id for one in alarms.listed(room(desk), AlarmWish(), OTHERS).alarms} == {city}
    with pytest.raises(NotAllowed):
        alarms.shown(room(desk), own, OTHERS)
    with pytest.raises(NotAllowed):
        alarms.close(room(desk), city, "TRUE", YUZHONG)
    with pytest.raises(NotAllowed):
        alarms.listed(room(desk), AlarmWish(), replace(CHIEF, units=frozenset({"ECOLOGY"})))


def test_an_analyst_sees_no_numbers_of_orders(desk: Desk) -> None:
    alarm = alarms.shown(room(desk), opened(desk), CHIEF)
    shown = alarm_json(alarm, Actor("a", frozenset({"analyst"})))
    assert isinstance(shown["evidence"], dict)
    assert shown["evidence"]["requests"] == []
    assert "20260301-AAAAAAAA" in orjson.dumps(alarm_json(alarm, CHIEF)).decode()


def test_precision_is_true_and_known_over_those_and_false(desk: Desk) -> None:
    outcomes = ["TRUE", "KNOWN", "FALSE", "UNCLEAR"]
    for n, outcome in enumerate(outcomes):
        key = SeriesKey(Level.AREA, area=f"50010{n}")
        alarms.close(room(desk), opened(desk, replace(BURST, key=key)), outcome, CHIEF)
    opened(desk)
    found = alarms.precision(room(desk), AlarmWish(), CHIEF)[0]
    assert (found.true, found.false, found.unclear, found.live) == (2, 1, 1, 1)
    assert found.value == pytest.approx(2 / 3)


def test_pages_go_on_where_the_last_ended(desk: Desk) -> None:
    made = []
    for n in range(3):
        desk.wait(minutes=1)
        made.append(opened(desk, replace(BURST, key=SeriesKey(Level.AREA, area=f"50010{n}"))))
    first = alarms.listed(room(desk), AlarmWish(limit=2), CHIEF)
    second = alarms.listed(room(desk), AlarmWish(limit=2, cursor=first.next_cursor), CHIEF)
    assert [one.id for one in (*first.alarms, *second.alarms)] == made[::-1]
    assert second.next_cursor is None


def test_systems_that_ask_for_alarms_get_codes_and_figures(desk: Desk) -> None:
    alarm_id = opened(desk)
    alarms.close(room(desk), alarm_id, "TRUE", CHIEF, note="水管爆了")
    with desk.office.database.read() as connection:
        said = [payload(one, None) for one in entries(connection) if one.event.kind == "alarm"]
        assert connection.execute(select(ledger.c.order_id).where(ledger.c.kind == "alarm")).all()
    first, last = (orjson.loads(one) for one in said)
    assert first["data"] == {
        "alarm": alarm_id, "alarm_kind": "outbreak", "series": "topic_area:SR03@500103",
        "what": "opened", "district": "500103", "count": 45, "expected": 14.8, "outcome": "",
    }  # fmt: skip
    assert (last["data"]["what"], last["data"]["outcome"]) == ("closed", "TRUE")
    assert "水管" not in said[1].decode()


def test_hours_without_counts_or_events_raise_nothing(desk: Desk) -> None:
    desk.now += timedelta(hours=3)
    assert watch_hours(room(desk), None).findings == ()


def test_of_two_alarms_merged_into_each_other_at_once_one_goes_on(desk: Desk) -> None:
    one = opened(desk)
    two = opened(desk, replace(BURST, key=SeriesKey(Level.AREA, area="500103")))
    both = Barrier(2)

    def now() -> datetime:
        with suppress(BrokenBarrierError):
            both.wait(0.2)  # whoever reads before the lock meets the other here
        return desk.now

    def merged(alarm_id: str, into: str) -> str:
        try:
            place = open_room(desk.office.database, CATALOGUE, now=now)
            return alarms.merge(place, alarm_id, into, CHIEF).state
        except AlarmRefused as refused:
            return refused.code

    with ThreadPoolExecutor(2) as threads:
        found = sorted(threads.map(merged, (one, two), (two, one)))
    assert found == [AlarmState.MERGED, "alarm_merge_ended"]
    states = {alarms.shown(room(desk), each, CHIEF).state for each in (one, two)}
    assert states == {AlarmState.OPEN, AlarmState.MERGED}
