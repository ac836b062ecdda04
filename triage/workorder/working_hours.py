"""Hours that were worked between two moments: eight on each working day, pauses left out.

Only for measuring how long units take; no deadline is computed from it (`deadlines` counts whole
working days). Days and their beginnings are those of Asia/Shanghai.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate

from triage.workorder.stops import Interval
from triage.workorder.working_calendar import DAY, WorkingCalendar, shanghai_day, start_of_day

OPENS_AT = timedelta(hours=9)
HOURS_A_DAY = timedelta(hours=8)
"""A convention, 09:00 to 17:00. A working day has eight hours (国务院令第174号，第三条); when it
begins differs from office to office."""


class WorkingHours:
    """Counts by a calendar; the days of a year are looked up once."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self._calendar = calendar
        self._years: dict[int, list[int]] = {}

    def between(self, start: datetime, end: datetime, stops: Sequence[Interval] = ()) -> float:
        """Return the hours worked from `start` to `end`; 0 where `end` is not later.

        Parameters
        ----------
        stops
            Spans that do not count, merged (`triage.workorder.stops.merged`).
        """
        worked = self._worked(start, end)
        for since, until in stops:
            worked -= self._worked(max(since, start), min(until, end))
        return worked / timedelta(hours=1)

    def _worked(self, start: datetime, end: datetime) -> timedelta:
        if end <= start:
            return timedelta()
        first, last = shanghai_day(start), shanghai_day(end)
        days = self._days_before(last) - self._days_before(first)
        for year in range(first.year, last.year):
            days += self._year(year)[-1]
        return HOURS_A_DAY * days + self._of_day(end, last) - self._of_day(start, first)

    def _of_day(self, moment: datetime, day: date) -> timedelta:
        """Return what was worked of its day before a moment."""
        year, index = self._year(day.year), _index(day)
        if year[index + 1] == year[index]:
            return timedelta()
        return min(max(moment - start_of_day(day) - OPENS_AT, timedelta()), HOURS_A_DAY)

    def _days_before(self, day: date) -> int:
        return self._year(day.year)[_index(day)]

    def _year(self, year: int) -> list[int]:
        """Return how many working days of a year lie before its first day, its second and so on."""
        if year not in self._years:
            first, days = date(year, 1, 1), (date(year + 1, 1, 1) - date(year, 1, 1)).days
            worked = (self._calendar.is_working_day(first + DAY * step) for step in range(days))
            self._years[year] = [0, *accumulate(map(int, worked))]
        return self._years[year]


def _index(day: date) -> int:
    return day.timetuple().tm_yday - 1
