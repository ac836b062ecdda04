"""Days and weather: 调休 is worked, holidays are off, weather drives only what is extreme."""

from __future__ import annotations

from datetime import date
from itertools import islice

import numpy as np
import pytest

from triage.simulate.days import DayKind, is_off, kind_of
from triage.simulate.moments import Moments
from triage.simulate.plan import CityPlan
from triage.simulate.weather import Weather, weather_of


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2024-10-12", DayKind.MAKE_UP),  # a Saturday worked for 7 October
        ("2024-10-05", DayKind.HOLIDAY),  # a Saturday inside the National Day week
        ("2024-10-08", DayKind.BACK),  # the first working day after seven off
        ("2024-02-10", DayKind.FESTIVAL),
        ("2024-10-13", DayKind.REST),
        ("2024-10-16", DayKind.WORKDAY),
        ("2024-10-14", DayKind.WORKDAY),  # a Monday after one Sunday is not "back"
    ],
)
def test_days_have_the_kind_of_the_state_councils_notice(day: str, kind: DayKind) -> None:
    assert kind_of(date.fromisoformat(day)) is kind


def test_offices_work_on_make_up_saturdays() -> None:
    assert not is_off(date(2024, 10, 12))
    assert is_off(date(2024, 10, 7))


def test_a_moment_at_night_waits_for_the_next_working_day() -> None:
    moments = Moments(date(2024, 9, 30))  # Monday; 1 to 7 October are off
    assert moments.text(moments.at_work(10 * 3600)) == "2024-09-30T10:00:00+08:00"
    assert moments.text(moments.at_work(20 * 3600)).startswith("2024-10-08T")
    assert moments.text(86_399) == "2024-09-30T23:59:59+08:00"


def test_an_ordinary_day_drives_nothing_and_extremes_drive_their_own_cause() -> None:
    weather = Weather(
        date(2024, 7, 1),
        highest=np.array([39.0, 30.0, 8.0]),
        lowest=np.array([29.0, 22.0, 0.0]),
        rain=np.array([0.0, 72.0, 0.0]),
    )
    # (39 - 35.5) / 3.5 = 1; log2(72 / 18) = 2; (3.5 - 0) / 3.5 = 1
    assert weather.drive().tolist() == [[1, 0, 0], [0, 2, 0], [0, 0, 1]]


def test_summers_are_hot_and_winters_cool() -> None:
    days = list(islice(weather_of(CityPlan(start=date(2024, 1, 1))), 366))
    highest = {
        month: np.mean([one.highest[0] for one in days if one.day.month == month])
        for month in (1, 4, 7)
    }
    assert highest[1] < 17 < highest[4] < 29 < highest[7]


def test_the_weather_of_another_seed_is_another() -> None:
    one, other = (next(weather_of(CityPlan(seed=seed))) for seed in (1, 2))
    assert one.highest.tolist() != other.highest.tolist()
