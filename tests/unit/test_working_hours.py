from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from triage.workorder.working_calendar import WorkingCalendar
from triage.workorder.working_hours import WorkingHours

HOURS = WorkingHours(WorkingCalendar())
MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""09:00 in Shanghai, an ordinary week."""


@pytest.mark.parametrize(
    ("end", "hours"),
    [
        (timedelta(hours=3), 3.0),
        (timedelta(hours=12), 8.0),  # 21:00: the day ended at 17:00
        (timedelta(days=1), 8.0),
        (timedelta(days=1, hours=2), 10.0),
        (timedelta(days=7), 40.0),  # five days, the weekend not
        (timedelta(0), 0.0),
        (timedelta(hours=-1), 0.0),
    ],
)
def test_eight_hours_of_each_working_day_count(end: timedelta, hours: float) -> None:
    assert HOURS.between(MONDAY, MONDAY + end) == pytest.approx(hours)


def test_a_holiday_does_not_count_and_a_made_up_saturday_does() -> None:
    # 国办: National Day 2025 is off from 1 to 8 October, Saturday 11 October is worked
    start = datetime(2025, 9, 30, 1, tzinfo=UTC)
    assert HOURS.between(start, datetime(2025, 10, 9, 1, tzinfo=UTC)) == 8.0
    friday = datetime(2025, 10, 10, 1, tzinfo=UTC)
    assert HOURS.between(friday, friday + timedelta(days=3)) == 16.0


def test_years_are_counted_through() -> None:
    start = datetime(2025, 12, 31, 1, tzinfo=UTC)
    end = start + timedelta(days=376)  # Monday 11 January 2027, a working day as the first is
    by_days = WorkingCalendar().working_days_between(start, end)
    assert HOURS.between(start, end) == 8.0 * by_days


def test_a_pause_is_left_out_but_its_nights_never_counted() -> None:
    pause = (MONDAY + timedelta(hours=2), MONDAY + timedelta(days=1, hours=1))
    # Monday 9 to 11, then Tuesday 10 to 12
    assert HOURS.between(MONDAY, MONDAY + timedelta(days=1, hours=3), [pause]) == 4.0


def test_a_pause_outside_takes_nothing_away() -> None:
    pause = (MONDAY - timedelta(days=3), MONDAY - timedelta(days=1))
    assert HOURS.between(MONDAY, MONDAY + timedelta(hours=3), [pause]) == 3.0
