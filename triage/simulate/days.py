"""Days of the city's calendar: working days, rest days and holidays, 调休 included.

Dates come from the library `holidays`; how much less is reported on such days is in the profiles.
Years that the State Council has not announced yet have their statutory holidays only.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import IntEnum
from functools import cache

import holidays

_DAY = timedelta(days=1)
_LONG = 3
"""From so many days in a row the rest days beside a holiday belong to it."""


class DayKind(IntEnum):
    """What kind of day it is; MAKE_UP is a weekend worked for a holiday (调休)."""

    WORKDAY = 0
    REST = 1
    HOLIDAY = 2
    FESTIVAL = 3
    MAKE_UP = 4
    BACK = 5
    """The first working day after a holiday of three days or more."""


@cache
def kind_of(day: date) -> DayKind:
    """Return the kind of a day."""
    if not is_off(day):
        if day in _china(day.year).weekend_workdays:
            return DayKind.MAKE_UP
        rest = _run(day - _DAY) if is_off(day - _DAY) else ()
        is_back = len(rest) >= _LONG and any(_name(one) for one in rest)
        return DayKind.BACK if is_back else DayKind.WORKDAY
    run = _run(day)
    named = [name for one in run if (name := _name(one))]
    if any("Chinese New Year" in name for name in named):
        return DayKind.FESTIVAL
    is_holiday = bool(_name(day)) or (len(run) >= _LONG and bool(named))
    return DayKind.HOLIDAY if is_holiday else DayKind.REST


@cache
def is_off(day: date) -> bool:
    """Tell whether offices are closed."""
    if _name(day):
        return True
    return day.weekday() >= 5 and day not in _china(day.year).weekend_workdays


def _run(day: date) -> tuple[date, ...]:
    """Return the days off in a row around a day off."""
    first = last = day
    while is_off(first - _DAY):
        first -= _DAY
    while is_off(last + _DAY):
        last += _DAY
    return tuple(first + i * _DAY for i in range((last - first).days + 1))


def _name(day: date) -> str:
    return str(_china(day.year).get(day) or "")


@cache
def _china(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=year, language="en_US", expand=False)
