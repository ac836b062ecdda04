"""Kinds of days as those who report see them: working, make-up (调休), rest, holiday, the day back.

From the working calendar (the State Council's notices and a city's own days), or from the public
holidays of another country. What a kind does to the volume is not known here.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import IntEnum
from typing import Final, Protocol

from holidays.utils import country_holidays

from triage.errors import InvalidRequest
from triage.workorder.working_calendar import WorkingCalendar

_DAY: Final = timedelta(days=1)
_LONG: Final = 3
"""Days off in a row from which the weekend beside a holiday belongs to it."""
_GOLDEN: Final = 5
"""Days off in a row that only Spring Festival, the October and some May holidays have."""


class DayKind(IntEnum):
    """What a day is; the value is its place among the regressors."""

    WORKDAY = 0
    MAKE_UP = 1
    REST = 2
    HOLIDAY = 3
    LONG_HOLIDAY = 4
    BACK = 5
    """The first working day after three or more days off."""


class Calendar(Protocol):
    """Says which days are worked."""

    def is_working_day(self, day: date) -> bool:
        """Say whether `day` is worked."""
        ...


class CountryCalendar:
    """Weekends and public holidays of a country that moves no working days."""

    def __init__(self, country: str) -> None:
        try:
            self._days = country_holidays(country)
        except NotImplementedError as error:
            raise InvalidRequest(
                "country_unknown",
                f"没有国家代码 {country!r} 的节假日；请写 CN、US 等两位代码",
                field="country",
            ) from error

    def is_working_day(self, day: date) -> bool:
        """Say whether `day` is worked."""
        return day.weekday() < 5 and day not in self._days


def calendar_of(country: str, own: WorkingCalendar | None = None) -> Calendar:
    """Return the calendar of a country: for CN the working calendar, `own` where given.

    Raises
    ------
    InvalidRequest
        country_unknown.
    """
    return (own or WorkingCalendar()) if country == "CN" else CountryCalendar(country)


def kind_of(day: date, calendar: Calendar) -> DayKind:
    """Return the kind of a day."""
    if calendar.is_working_day(day):
        if day.weekday() >= 5:
            return DayKind.MAKE_UP
        off = _run(day - _DAY, calendar)
        return DayKind.BACK if len(off) >= _LONG else DayKind.WORKDAY
    run = _run(day, calendar)
    if len(run) >= _GOLDEN:
        return DayKind.LONG_HOLIDAY
    return DayKind.HOLIDAY if len(run) >= _LONG or day.weekday() < 5 else DayKind.REST


def _run(day: date, calendar: Calendar) -> tuple[date, ...]:
    """Return the days off in a row around a day; () for a working day."""
    if calendar.is_working_day(day):
        return ()
    first = last = day
    while not calendar.is_working_day(first - _DAY):
        first -= _DAY
    while not calendar.is_working_day(last + _DAY):
        last += _DAY
    return tuple(first + step * _DAY for step in range((last - first).days + 1))
