"""Which days are working days in China, and when n of them have gone by. Pure: no clock, no files.

Holidays and make-up Saturdays (调休) come from the `holidays` library, a city's own days from
`calendar_file`. Days are those of Asia/Shanghai; every time in and out is aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from holidays.utils import country_holidays
from holidays.version import __version__

from triage.intake.moments import SHANGHAI

DAY = timedelta(days=1)
NEXT_NOTICE = (12, 25)
"""From this day on next year's notice may still move working days: that of 2019 made Saturday
2018-12-29 a working day, the earliest day in December that any notice since 2001 touched."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Working days: the State Council's notices, and over them a city's own days.

    `overrides` says of single days whether they are worked; `announced` are years whose notice
    the city has entered itself; `version` names what the answers stand on.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)
    announced: frozenset[int] = frozenset()
    version: str = f"holidays-{__version__}"

    def is_working_day(self, day: date) -> bool:
        """Say whether `day` is worked; in a year not announced yet 调休 is not known."""
        own = self.overrides.get(day)
        if own is not None:
            return own
        year = _year(day.year)
        return day in year.made_up if day.weekday() >= 5 else day not in year.off

    def is_announced(self, year: int) -> bool:
        """Say whether the notice of `year` is known.

        Where it is not, statutory holidays are still right, but which weekends are worked for
        them, and which weekdays are free in return, is not known.
        """
        return year in self.announced or _year(year).announced

    def unsettled(self, first: date, last: date) -> tuple[int, ...]:
        """Return the years whose notice may still change a day from `first` to `last`."""
        years = set(range(first.year, last.year + 1))
        years |= {
            year + 1
            for year in years
            if first <= date(year, 12, 31) and last >= date(year, *NEXT_NOTICE)
        }
        return tuple(sorted(year for year in years if not self.is_announced(year)))

    def end_after_working_days(self, start: datetime, n: int) -> datetime:
        """Return 24:00 in Shanghai of the n-th working day after the day of `start`.

        Raises
        ------
        ValueError
            `start` is naive, or `n` is below 1.
        """
        if n < 1:
            raise ValueError(f"n = {n}: at least one working day")
        day = shanghai_day(start)
        while n:
            day += DAY
            n -= self.is_working_day(day)
        return end_of_day(day)

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """Count the working days after the day of `start`, up to and with that of `end`.

        Returns 0 where `end` is not on a later day.

        Raises
        ------
        ValueError
            One of the times is naive.
        """
        first, last = shanghai_day(start), shanghai_day(end)
        days = (last - first).days
        return sum(self.is_working_day(first + DAY * step) for step in range(1, days + 1))


def aware(moment: datetime) -> datetime:
    """Return the moment in UTC.

    Raises
    ------
    ValueError
        It is naive.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment}: the time must be aware")
    return moment.astimezone(UTC)


def shanghai_day(moment: datetime) -> date:
    """Return the day in Shanghai; ValueError for a naive time."""
    return aware(moment).astimezone(SHANGHAI).date()


def start_of_day(day: date) -> datetime:
    """Return 0:00 in Shanghai, as UTC."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """Return 24:00 in Shanghai, which is 0:00 of the next day, as UTC."""
    return start_of_day(day + DAY)


@dataclass(frozen=True, slots=True)
class _Year:
    off: frozenset[date]
    made_up: frozenset[date]
    announced: bool


@cache
def _year(year: int) -> _Year:
    """Read one year, its December as next year's notice left it."""
    china = country_holidays("CN", years=year, expand=False)
    made_up = frozenset(day for day in china.weekend_workdays if day.year == year)
    # Each notice so far moved weekends; one worked in late December may be next year's doing.
    announced = any((day.month, day.day) < NEXT_NOTICE for day in made_up)
    return _Year(frozenset(china), made_up, announced)
