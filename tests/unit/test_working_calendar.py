"""Days worked by hand from the State Council's notices; times are Shanghai's, written in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from triage.workorder.working_calendar import WorkingCalendar, shanghai_day

CALENDAR = WorkingCalendar()


def utc(text: str) -> datetime:
    """Read a moment written in Shanghai time as UTC."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-11-25", True),  # a Wednesday
        ("2026-11-28", False),  # a Saturday
        ("2026-10-01", False),  # National Day
        ("2026-10-07", False),  # free in return for Saturday 10-10
        ("2026-10-10", True),  # that Saturday
        ("2026-02-14", True),  # Saturday worked for the Spring Festival
        ("2020-01-31", False),  # the Spring Festival was lengthened that year
        ("2018-12-29", True),  # Saturday worked by the notice of 2019
        ("2018-12-31", False),  # free in return
    ],
)
def test_working_days_follow_the_notices(day: str, working: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is working


def test_a_citys_own_day_stands_over_the_notice() -> None:
    own = WorkingCalendar({date(2026, 11, 25): False, date(2026, 11, 28): True})

    assert own.is_working_day(date(2026, 11, 25)) is False
    assert own.is_working_day(date(2026, 11, 28)) is True
    assert own.is_working_day(date(2026, 11, 26)) is True


def test_the_day_after_receipt_is_day_one() -> None:
    # received Wed 11-25; Thu 26 is 1, Fri 27 is 2, Mon 30 is 3: 24:00 of the 30th
    assert CALENDAR.end_after_working_days(utc("2026-11-25T09:00"), 3) == utc("2026-12-01T00:00")


def test_a_make_up_saturday_counts_and_the_holiday_does_not() -> None:
    # received Wed 9-30; 10-01 … 10-07 free; Thu 8, Fri 9, Sat 10 (worked) are 1, 2, 3
    assert CALENDAR.end_after_working_days(utc("2026-09-30T23:59"), 3) == utc("2026-10-11T00:00")


def test_the_day_is_shanghais_not_that_of_utc() -> None:
    # 15:59 UTC is 23:59 on the 25th in Shanghai; a minute later it is the 26th
    assert shanghai_day(datetime(2026, 11, 25, 15, 59, tzinfo=UTC)) == date(2026, 11, 25)
    assert shanghai_day(datetime(2026, 11, 25, 16, 0, tzinfo=UTC)) == date(2026, 11, 26)
    end = CALENDAR.end_after_working_days(datetime(2026, 11, 25, 16, 0, tzinfo=UTC), 1)
    assert end == datetime(2026, 11, 27, 16, 0, tzinfo=UTC)  # Fri 27, 24:00


def test_days_between_count_the_last_day_and_not_the_first() -> None:
    # Fri 9-25 is Mid-Autumn; Mon 28, Tue 29, Wed 30 count, 10-01 … 10-07 do not, Thu 8 does: 4
    assert CALENDAR.working_days_between(utc("2026-09-24T08:00"), utc("2026-10-08T08:00")) == 4
    assert CALENDAR.working_days_between(utc("2026-11-25T08:00"), utc("2026-11-25T20:00")) == 0
    assert CALENDAR.working_days_between(utc("2026-11-26T08:00"), utc("2026-11-25T08:00")) == 0


def test_a_year_without_a_notice_says_so() -> None:
    assert CALENDAR.is_announced(2026)
    assert not CALENDAR.is_announced(2039)  # decades ahead: no notice can be in any release
    assert not CALENDAR.is_working_day(date(2039, 10, 3))  # statutory days are right all the same


def test_a_city_may_enter_a_notice_before_the_library_has_it() -> None:
    assert WorkingCalendar(announced=frozenset({2039})).is_announced(2039)


def test_late_december_hangs_on_next_years_notice() -> None:
    own = WorkingCalendar(announced=frozenset({2038}))

    assert own.unsettled(date(2038, 11, 1), date(2038, 12, 24)) == ()
    assert own.unsettled(date(2038, 11, 1), date(2038, 12, 25)) == (2039,)
    assert own.unsettled(date(2038, 12, 31), date(2039, 1, 4)) == (2039,)


def test_naive_times_and_no_days_are_misuse() -> None:
    with pytest.raises(ValueError, match="aware"):
        CALENDAR.end_after_working_days(datetime(2026, 11, 25), 1)
    with pytest.raises(ValueError, match="aware"):
        CALENDAR.working_days_between(utc("2026-11-25T08:00"), datetime(2026, 11, 26))
    with pytest.raises(ValueError, match="n = 0"):
        CALENDAR.end_after_working_days(utc("2026-11-25T08:00"), 0)
