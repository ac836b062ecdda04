from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from triage.alarms.expecting import reference_of
from triage.alarms.findings import AlarmKind, Finding, Method
from triage.alarms.key import Level, SeriesKey
from triage.alarms.outbreaks import folded
from triage.alarms.quasi_poisson import fit
from triage.alarms.rules import load_rules
from triage.alarms.series import SeriesSet, city_series, series_of
from triage.alarms.short_history import ears
from triage.alarms.tails import Floats
from triage.alarms.watch import Watched, watch
from triage.errors import InvalidRequest
from triage.workorder.working_calendar import WorkingCalendar

RULES, CALENDAR = load_rules(), WorkingCalendar()
FIRST = date(2023, 10, 9)
LEVELS = {"GY02": "公用事业", "SR03": "市容环卫"}
BURST = SeriesKey(Level.TOPIC_AREA, topic="GY02", l1="公用事业", area="500103")


def cells(days: int, *, seed: int = 1, mean: float = 16.0) -> dict[tuple[str, str], Floats]:
    """Return two topics in three districts, quieter on Sundays and holidays."""
    rng = np.random.default_rng(seed)
    week = np.array([1.1, 1, 1, 1, 1, 0.9, 0.6])
    dates = [FIRST + timedelta(days=n) for n in range(days)]
    free = [day.weekday() < 5 and not CALENDAR.is_working_day(day) for day in dates]
    factor = week[[6 if off else day.weekday() for day, off in zip(dates, free, strict=True)]]
    places = ("500103", "500106", "500107")
    return {
        (topic, area): rng.poisson(mean * factor).astype(np.float64)
        for topic in LEVELS
        for area in places
    }


def watched(table: dict[tuple[str, str], Floats]) -> Watched:
    return watch(city_series(table, FIRST, LEVELS), RULES, CALENDAR)


@pytest.mark.parametrize(("days", "method"), [(800, Method.FARRINGTON), (120, Method.EARS)])
def test_a_burst_of_three_times_is_found_on_its_first_day_and_told_once(
    days: int, method: Method
) -> None:
    table = cells(days)
    table["GY02", "500103"][-1] += 32
    (found,) = watched(table).findings
    assert (found.kind, found.key, found.method) == (AlarmKind.OUTBREAK, BURST, method)
    assert found.count >= 40
    assert 12 < found.expected < 20
    assert found.rate <= RULES.outbreak.rate
    assert len(found.curve) == 28
    assert found.curve[-1].count == found.count


@pytest.mark.parametrize("days", [800, 120])
def test_ordinary_days_raise_hardly_anything(days: int) -> None:
    series = city_series(cells(days + 20), FIRST, LEVELS)
    last = [series.days[-1] - timedelta(days=back) for back in range(20)]
    found = [one for day in last for one in watch(series.upto(day), RULES, CALENDAR).findings]
    assert len(found) <= 1  # a hundredth of the days, by the rate of false discoveries


def test_a_burst_in_all_districts_is_told_of_the_topic_with_its_parts() -> None:
    table = cells(800)
    for area in ("500103", "500106", "500107"):
        table["GY02", area][-1] += 32
    (found,) = watched(table).findings
    assert found.key.level is Level.TOPIC
    assert len(found.parts) >= 3
    assert "topic_area:GY02@500103" in found.parts


def test_a_district_from_which_nothing_comes_is_one_silence() -> None:
    table = cells(800)
    for topic in LEVELS:
        table[topic, "500106"][-1] = 0
    (found,) = watched(table).findings
    assert (found.kind, found.key) == (AlarmKind.SILENCE, SeriesKey(Level.AREA, area="500106"))
    assert found.count == 0


def test_a_quiet_sunday_and_a_holiday_are_no_silence() -> None:
    series = city_series(cells(800), FIRST, LEVELS)
    sundays = [day for day in series.days[-40:] if day.weekday() == 6]
    assert not any(watch(series.upto(day), RULES, CALENDAR).findings for day in sundays)


def test_a_series_that_is_too_young_is_not_judged_and_that_is_said() -> None:
    table = cells(30)
    table["GY02", "500103"][-1] += 500
    found = watched(table)
    assert (found.findings, found.tested) == ((), 0)
    assert found.too_short == 20  # 6 cells, 6 of L1 x district, 3 districts, 2 topics, 2 L1, 1
    assert watch(city_series({}, FIRST, LEVELS), RULES, CALENDAR) == Watched((), 0, 0)


def test_all_zeros_raise_nothing() -> None:
    zeros = {("GY02", "500103"): np.zeros(800), ("SR03", "500103"): np.ones(800)}
    assert watched(zeros).findings == ()


def test_a_past_outbreak_hardly_moves_what_is_expected() -> None:
    plain, burst = cells(800), cells(800)
    burst["GY02", "500103"][300:310] *= 8
    columns = np.stack([np.ones(800), np.arange(800) / 365.25], axis=1)
    both = np.stack([plain["GY02", "500103"], burst["GY02", "500103"]])
    means = fit(both, columns).mean(columns).mean(axis=1)
    assert means[1] / means[0] == pytest.approx(1.0, abs=0.03)


def test_a_regression_made_days_before_says_the_same() -> None:
    table = cells(800)
    table["GY02", "500103"][-1] += 32
    series = city_series(table, FIRST, LEVELS)
    earlier = series.upto(series.days[-5])
    reference = reference_of(earlier, RULES.outbreak, CALENDAR)
    one = watch(series, RULES, CALENDAR, reference).findings[0]
    other = watch(series, RULES, CALENDAR).findings[0]
    assert one.key == other.key
    assert one.expected == pytest.approx(other.expected, rel=0.05)


def test_a_part_that_explains_half_of_the_whole_stands_for_it() -> None:
    part = finding(BURST, count=60, expected=20)
    whole = finding(SeriesKey(Level.AREA, area="500103"), count=160, expected=100)
    between = finding(SeriesKey(Level.L1_AREA, l1="公用事业", area="500103"), count=90, expected=40)
    assert [one.key for one in folded([whole, between, part])] == [BURST]


def test_a_day_without_any_data_is_mended_and_said() -> None:
    table = {key: row.copy() for key, row in cells(200).items()}
    for row in table.values():
        row[100] = 0
    series = city_series(table, FIRST, LEVELS)
    city = series.keys.index(SeriesKey(Level.CITY))
    assert series.counts[city, 100] > 0
    assert len(series.notes) == 1
    assert series.notes[0].startswith("有 1 步没有数据")


def test_too_many_days_without_data_are_refused() -> None:
    row = np.zeros(100)
    row[::3] = 5
    with pytest.raises(InvalidRequest) as refused:
        series_of([SeriesKey(Level.CITY)], FIRST, row[None, :])
    assert refused.value.code == "gaps_too_many"


def test_ears_counts_in_standard_deviations_of_the_week_before() -> None:
    # Seven days 4, 6, 4, 6, 4, 6, 5 before the lag: mean 5, sd 1; the last day 9 is 4 sd above.
    row = np.array([[5.0] * 6 + [4.0, 6.0, 4.0, 6.0, 4.0, 6.0, 5.0, 5.0, 5.0, 9.0]])
    assert ears(row)["C2"] == pytest.approx([4.0])


def finding(key: SeriesKey, *, count: int, expected: float) -> Finding:
    """Return a finding of a series."""
    return Finding(
        kind=AlarmKind.OUTBREAK,
        key=key,
        day=FIRST,
        window_days=1,
        count=count,
        expected=expected,
        chance=1e-9,
        rate=1e-6,
        dispersion=1.2,
        method=Method.FARRINGTON,
    )


def test_sets_of_other_days_do_not_mix() -> None:
    one = series_of([SeriesKey(Level.CITY)], FIRST, np.ones((1, 10)))
    other = SeriesSet(one.keys, one.days[:5], one.counts[:, :5], one.start)
    with pytest.raises(ValueError, match="different days"):
        one.with_(other)
