"""Kinds of days: the State Council's notice of 2024, and a country without make-up days."""

from __future__ import annotations

from datetime import date

import pytest

from triage.errors import InvalidRequest
from triage.trends.day_kinds import DayKind, calendar_of, kind_of


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2024, 9, 26), DayKind.WORKDAY),
        (date(2024, 9, 29), DayKind.MAKE_UP),  # a Sunday worked for National Day
        (date(2024, 10, 3), DayKind.LONG_HOLIDAY),
        (date(2024, 10, 8), DayKind.BACK),
        (date(2024, 10, 20), DayKind.REST),
        (date(2024, 1, 1), DayKind.HOLIDAY),  # with the weekend before it, three days
        (date(2023, 12, 30), DayKind.HOLIDAY),
        (date(2024, 10, 14), DayKind.WORKDAY),  # a Monday after a worked Saturday
    ],
)
def test_kinds_follow_the_notice(day: date, kind: DayKind) -> None:
    assert kind_of(day, calendar_of("CN")) is kind


def test_another_country_has_its_own_holidays() -> None:
    calendar = calendar_of("US")
    assert kind_of(date(2018, 7, 4), calendar) is DayKind.HOLIDAY
    assert kind_of(date(2018, 7, 5), calendar) is DayKind.WORKDAY


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="XX"):
        calendar_of("XX")
