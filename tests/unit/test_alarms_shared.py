"""What districts share is expected of each of them; what is told beside an alarm can be checked."""

from __future__ import annotations

import re
from datetime import date, timedelta

import numpy as np
import pytest

from triage.alarms.findings import AlarmKind
from triage.alarms.key import Level, SeriesKey
from triage.alarms.rules import load_rules
from triage.alarms.series import city_series, series_of
from triage.alarms.shared import groups_of, pooled, shared
from triage.alarms.tails import Floats
from triage.alarms.telling import Names
from triage.alarms.watch import watch
from triage.desk.alarm_rows import evidence_of
from triage.errors import InvalidRequest
from triage.workorder.working_calendar import WorkingCalendar

RULES, CALENDAR = load_rules(), WorkingCalendar()
FIRST, DAYS = date(2026, 3, 2), 100
AREAS = tuple(str(500101 + n) for n in range(12))
LEVELS = {"GY02": "公用事业"}


def cells(seed: int = 2) -> dict[tuple[str, str], Floats]:
    rng = np.random.default_rng(seed)
    return {("GY02", area): rng.poisson(16.0, DAYS).astype(np.float64) for area in AREAS}


def test_series_of_one_topic_or_one_level_move_together_in_threes_at_least() -> None:
    keys = [SeriesKey(Level.AREA, area=area) for area in AREAS[:3]]
    keys += [SeriesKey(Level.TOPIC_AREA, topic="SR03", area=area) for area in AREAS[:2]]
    keys += [SeriesKey(Level.CITY), SeriesKey(Level.CHANNEL, channel="APP")]
    assert groups_of(keys).tolist() == [0, 0, 0, -1, -1, -1, -1]
    assert groups_of(keys[-1:]).tolist() == [-1]
    assert groups_of([]).tolist() == []


def test_a_series_moves_with_the_others_and_not_with_itself() -> None:
    groups = np.zeros(4, np.int64)
    mean = np.full((4, 1), 100.0)
    counts = np.array([[100.0], [120.0], [120.0], [120.0]])
    # The first: the three others brought 360 of 300; 30 are added to both: 390 / 330.
    assert shared(counts, mean, groups)[0, 0] == pytest.approx(390 / 330)
    # The second: 340 of 300.
    assert shared(counts, mean, groups)[1, 0] == pytest.approx(370 / 330)
    # A burst of one is cut off at 100 + 3 x 10 + 1 = 131: 351 of 300.
    counts[1, 0] = 900.0
    counts[2:, 0] = 110.0
    assert shared(counts, mean, groups)[0, 0] == pytest.approx(381 / 330)


def test_dispersions_are_drawn_halfway_to_that_of_their_group() -> None:
    found = pooled(np.array([1.0, 3.0, 5.0]), np.array([100.0, 300.0, 1.0]), np.array([0, 0, -1]))
    assert found == pytest.approx([1.75, 2.75, 5.0])  # the group's: (100 + 900) / 400 = 2.5


def test_what_all_districts_bring_is_told_of_the_whole_and_a_district_s_own_burst_of_it() -> None:
    table = cells()
    for area in AREAS:
        table["GY02", area][-1] = 32.0  # a cold snap: twice as many everywhere
    (snap,) = watch(city_series(table, FIRST, LEVELS), RULES, CALENDAR).findings
    assert (snap.key.area, snap.parts) == ("", ())
    table["GY02", AREAS[0]][-1] = 80.0  # and here a pipe of its own besides
    (both,) = watch(city_series(table, FIRST, LEVELS), RULES, CALENDAR).findings
    assert both.key.area == ""
    assert {one.partition("@")[2] for one in both.parts} == {AREAS[0]}


def test_units_that_rest_on_two_days_of_seven_have_no_gaps() -> None:
    works = np.array([(FIRST + timedelta(days=n)).weekday() < 5 for n in range(DAYS)])
    counts = np.full((1, DAYS), 20.0) * works
    keys = [SeriesKey(Level.UNIT, unit="WATER")]
    with pytest.raises(InvalidRequest) as refused:
        series_of(keys, FIRST, counts)
    assert refused.value.code == "gaps_too_many"
    made = series_of(keys, FIRST, counts, has_gaps=False)
    assert made.counts.tolist() == counts.tolist()
    assert watch(made, RULES, CALENDAR).findings == ()
    stopped = counts.copy()
    stopped[0, -2:] = 0.0
    day = made.days[-1]
    assert day.weekday() < 5
    (found,) = watch(series_of(keys, FIRST, stopped, has_gaps=False), RULES, CALENDAR).findings
    assert (found.kind, found.count) == (AlarmKind.SILENCE, 0)


@pytest.mark.parametrize(("last", "kind"), [(60.0, "outbreak"), (0.0, "silence")])
def test_every_number_of_the_sentence_stands_in_the_evidence(last: float, kind: str) -> None:
    table = cells()
    table["GY02", AREAS[0]][-2:] = last
    found = [
        one for one in watch(city_series(table, FIRST, LEVELS), RULES, CALENDAR).findings
        if one.key.area == AREAS[0]
    ]  # fmt: skip
    (one,) = found
    evidence = evidence_of(one, Names({}))
    assert one.kind == kind
    said = str(evidence["summary"])
    known = {"day": str(one.day), "area": one.key.area, "topic": one.key.topic}
    for text in (*known.values(), "百万分之一", "EARS", "近四周", "C1"):
        said = said.replace(text, "")
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?(?:e-?\d+)?", said)]
    figures = [
        evidence[name] for name in ("window_days", "count", "expected", "times", "threshold")
    ]
    chance = float(str(evidence["chance"]))
    allowed = [float(str(each)) for each in figures] + [chance, 100 * chance, 100 * one.times]
    for number in numbers:
        assert any(number == pytest.approx(each, rel=0.06, abs=0.06) for each in allowed), number
    assert {"C1", "C2", "C3", "CUSUM", "exceedance"} <= set(evidence["statistics"])  # type: ignore[arg-type]


def test_the_threshold_is_where_raising_begins() -> None:
    table = cells()
    table["GY02", AREAS[0]][-1] = 60.0
    day = watch(city_series(table, FIRST, LEVELS), RULES, CALENDAR).findings
    (found,) = [one for one in day if one.key.area == AREAS[0]]
    assert found.threshold is not None
    assert found.expected < found.threshold <= found.count
    assert dict(found.statistics)["exceedance"] >= 1.0


def test_all_zeros_and_a_single_series_go_through_short_history() -> None:
    keys = [SeriesKey(Level.CITY)]
    for counts in (np.zeros((1, DAYS)), np.full((1, DAYS), 7.0)):
        assert watch(series_of(keys, FIRST, counts, has_gaps=False), RULES, CALENDAR).findings == ()


def test_the_threshold_of_a_large_series_that_ceases_is_half_of_what_was_expected() -> None:
    counts = np.full((1, DAYS), 20_000.0)
    counts[0, -1] = 0.0
    keys = [SeriesKey(Level.CHANNEL, channel="PHONE")]
    (found,) = watch(series_of(keys, FIRST, counts, has_gaps=False), RULES, CALENDAR).findings
    assert (found.kind, found.window_days) == (AlarmKind.SILENCE, 1)
    assert found.threshold == np.floor(RULES.silence.share * found.expected)
