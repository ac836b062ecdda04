from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from triage.errors import UnusableFile
from triage.hot.counters import HOURS_KEPT, Counters, People, hour_of
from triage.hot.live import STANDING
from triage.hot.signals import emerging_signal, load_signals, poisson_tail, storm_signal
from triage.hot.storm import Storm
from triage.same_event.entry import Entry
from triage.same_event.judgement import Judgement, Label
from triage.same_event.static_encoder import StaticEncoder

if TYPE_CHECKING:
    from overlap_judge import OverlapJudge

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
STORM, EMERGING = load_signals()
TODAY = date(2026, 3, 29)


def call(number: int, text: str, *, region: str = "500112", who: str | None = None) -> Entry:
    at = NOON + timedelta(seconds=number)
    return Entry(f"c{number}", "", text, at, who or f"p{number}", region)


class Scripted:
    """Says SAME_EVENT of texts whose first characters are among the pairs `same`."""

    def __init__(self, *same: tuple[str, str]) -> None:
        self.same = set(same)

    def judge(self, query: Entry, candidates: Sequence[Entry]) -> list[Judgement]:
        pairs = [tuple(sorted((query.detail[0], one.detail[0]))) for one in candidates]
        known = {tuple(sorted(pair)) for pair in self.same}
        return [
            Judgement(Label.SAME_EVENT, 0.9) if pair in known else Judgement(Label.UNRELATED, 0.01)
            for pair in pairs
        ]


@pytest.fixture
def storm(overlap_judge: OverlapJudge) -> Storm:
    return Storm(StaticEncoder.untrained(), overlap_judge, threshold=0.5, live=64)


def test_a_thousand_identical_calls_are_one_event_with_counters(
    storm: Storm, overlap_judge: OverlapJudge
) -> None:
    said = [storm.take(call(n, "澄川小区停水了，什么时候来水")) for n in range(1_000)]
    (event,) = storm.events()
    assert {one.event_id for one in said} == {"c0"}
    assert said[0].is_new
    assert all(one.is_copy for one in said[1:])
    assert (event.counters.calls, event.counters.hours) == (1_000, {hour_of(NOON): 1_000})
    assert event.counters.requesters == pytest.approx(1_000, rel=0.2)
    assert overlap_judge.asked == 0  # a copy needs no judge


def test_the_same_words_of_another_district_are_another_event(storm: Storm) -> None:
    storm.take(call(1, "小区停水了，什么时候来水"))
    assert storm.take(call(2, "小区停水了，什么时候来水", region="500103")).is_new


def test_other_words_join_if_the_judge_says_so(storm: Storm) -> None:
    storm.take(call(1, "澄川小区停水了，什么时候来水"))
    joined = storm.take(call(2, "澄川小区又停水了，什么时候来水啊"))
    assert (joined.event_id, joined.is_new, joined.is_copy) == ("c1", False, False)
    assert joined.probability >= 0.5
    assert storm.take(call(3, "某路口的红绿灯坏了没有人修")).is_new


def test_texts_that_differ_only_in_numbers_are_left_to_the_judge(storm: Storm) -> None:
    storm.take(call(1, "澄川小区 3 栋电梯坏了，困住了人"))
    assert not storm.take(call(2, "澄川小区 8 栋电梯坏了，困住了人")).is_copy


def test_a_call_costs_the_judge_a_bounded_number_of_pairs(
    storm: Storm, overlap_judge: OverlapJudge
) -> None:
    for number in range(300):
        storm.take(call(number, f"第{number}号路口的红绿灯坏了，{number * 7}天没有人修"))
        before = overlap_judge.asked
    assert overlap_judge.asked - before <= 4 * STANDING


def test_the_event_longest_untold_makes_room(storm: Storm) -> None:
    for number in range(64):
        storm.take(call(number, chr(0x4E00 + 97 * number) * 9))
    storm.take(call(64, chr(0x4E00) * 9))  # the first again: it is told anew
    storm.take(call(65, "澄川小区停水了"))
    ids = {event.id for event in storm.events()}
    assert len(ids) == 64
    assert "c0" in ids
    assert "c1" not in ids


def test_two_events_become_one_when_several_calls_fit_both_and_the_judge_agrees() -> None:
    judge = Scripted(("丙", "丙"))
    storm = Storm(StaticEncoder.untrained(), judge, threshold=0.5, live=16)
    storm.take(call(0, "甲处停水了"))
    assert storm.take(call(1, "乙处停水了")).is_new
    judge.same |= {("甲", "丙"), ("乙", "丙")}
    said = [storm.take(call(n, f"丙处停水了{n}")) for n in range(2, 4)]
    assert [one.absorbed for one in said] == ["", ""]
    judge.same |= {("甲", "乙")}
    last = storm.take(call(4, "丙处停水了又一次"))
    assert (last.event_id, last.absorbed) == ("c0", "c1")
    (event,) = storm.events()
    assert (event.id, event.counters.calls, event.counters.requesters) == ("c0", 5, 5)


def test_calls_that_fit_two_events_do_not_join_them_against_the_judge() -> None:
    judge = Scripted(("甲", "甲"), ("乙", "乙"), ("甲", "丙"), ("乙", "丙"), ("丙", "丙"))
    storm = Storm(StaticEncoder.untrained(), judge, threshold=0.5, live=16)
    for number, text in enumerate(
        ["甲处停水了", "乙处停水了", *[f"丙处停水了{n}" for n in range(9)]]
    ):
        assert storm.take(call(number, text)).absorbed == ""
    assert len(list(storm.events())) == 2


def test_what_a_person_took_out_is_no_longer_stood_for(storm: Storm) -> None:
    first = call(1, "澄川小区停水了，什么时候来水")
    storm.take(first)
    storm.take_out("c1", first)
    assert list(storm.events()) == []
    storm.put("S-c1", first)
    assert storm.take(call(2, first.detail)).event_id == "S-c1"


def test_the_same_calls_in_the_same_order_give_the_same_events(
    overlap_judge: OverlapJudge,
) -> None:
    calls = [
        call(n, f"澄川小区停水了，{'来水' * (n % 3)}{'路灯坏了' * (n % 5)}") for n in range(90)
    ]
    runs = [
        [storm.take(one).event_id for one in calls]
        for storm in (
            Storm(StaticEncoder.untrained(), overlap_judge, threshold=0.5, live=16)
            for _ in range(2)
        )
    ]
    assert runs[0] == runs[1]


def test_empty_and_very_long_texts_without_a_time_are_borne(storm: Storm) -> None:
    for number, text in enumerate(["", "水", "停水" * 50_000]):
        said = storm.take(replace(call(number, text), time=None, requester=""))
        assert (said.event_id, said.is_new) == (f"c{number}", True)
    assert [event.id for event in storm.events()] == ["c2"]  # the other two say nothing
    assert all(event.counters.hours == {} for event in storm.events())


def test_people_are_counted_once_and_about_right() -> None:
    people = People()
    for number in range(5_000):
        people.add(f"p{number % 2_000}")
    assert len(people) == pytest.approx(2_000, rel=0.2)
    assert len(People()) == 0


def test_counters_stay_small_however_long_an_event_is_told() -> None:
    counters = Counters()
    for hour in range(500):
        counters.add(NOON + timedelta(hours=hour), f"d{hour}", "")
    assert (counters.calls, counters.requesters, len(counters.hours)) == (500, 500, HOURS_KEPT)
    assert len(counters.districts) == 65
    assert (counters.first, counters.last) == (NOON, NOON + timedelta(hours=499))


def test_an_hour_far_above_history_and_background_is_a_storm() -> None:
    counters = Counters()
    for minute in range(40):
        counters.add(NOON + timedelta(minutes=minute), "500112", f"p{minute}")
    signal = storm_signal("e", counters, NOON + timedelta(minutes=50), 0.5, STORM)
    assert signal.is_raised
    assert (signal.count, signal.expected, signal.times) == (40, 0.5, 80.0)
    later = storm_signal("e", counters, NOON + timedelta(hours=3), 0.5, STORM)
    assert (later.is_raised, later.count) == (False, 0)


def test_what_is_usual_for_an_event_is_no_storm() -> None:
    counters = Counters()
    for hour in range(24):
        for minute in range(30):
            counters.add(NOON + timedelta(hours=hour, minutes=minute), "500112", "")
    now = NOON + timedelta(hours=24, minutes=30)
    for minute in range(35):
        counters.add(NOON + timedelta(hours=24, minutes=minute / 2), "500112", "")
    signal = storm_signal("e", counters, now, 0.5, STORM)
    assert not signal.is_raised
    assert signal.expected == pytest.approx(30 * 23 / 24)  # the hour before the last is not history


def test_few_calls_are_no_storm_however_rare() -> None:
    counters = Counters()
    for _ in range(STORM.least - 1):
        counters.add(NOON, "500112", "")
    assert not storm_signal("e", counters, NOON, 0.001, STORM).is_raised


def test_a_group_that_begins_to_grow_is_emerging() -> None:
    days = {TODAY - timedelta(days=back): n for back, n in ((0, 4), (1, 3), (2, 1), (10, 1))}
    signal = emerging_signal("g", days, 6, TODAY, EMERGING)
    assert signal.is_raised
    assert signal.count == 8
    assert signal.expected == pytest.approx(3 / 28)
    assert "3 天 8 件" in signal.reason


def test_one_person_who_calls_again_and_again_is_no_emerging_group() -> None:
    signal = emerging_signal("g", {TODAY: 9}, 1, TODAY, EMERGING)
    assert not signal.is_raised
    assert "只有 1 个诉求人" in signal.reason


def test_a_steady_group_is_not_emerging() -> None:
    days = {TODAY - timedelta(days=back): 3 for back in range(31)}
    assert not emerging_signal("g", days, 9, TODAY, EMERGING).is_raised


def test_the_tail_of_a_poisson_law_is_right() -> None:
    # P(X >= 2 | 1) = 1 - 2/e
    assert poisson_tail(2, 1.0) == pytest.approx(1 - 2 / 2.718281828459045)
    assert poisson_tail(0, 3.0) == 1.0
    assert poisson_tail(3, 10.0) == pytest.approx(1 - 61 * 2.718281828459045**-10)
    assert 0 < poisson_tail(400, 0.5) < 1e-300 or poisson_tail(400, 0.5) == 0.0


def test_an_unfit_file_of_signals_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "signals.toml"
    path.write_text("[storm]\nleast = 3\n", "utf-8")
    with pytest.raises(UnusableFile, match="emerging"):
        load_signals(path)
