"""Seconds since the plan began, as ISO 8601 text with +08:00, and as working time.

A table of days and a table of the 86,400 seconds of a day make a text from two look-ups.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from triage.simulate.days import is_off
from triage.simulate.surges import DAY_SECONDS

_OPEN, _CLOSE = 9 * 3600, 17 * 3600 + 1800


class Moments:
    """Texts and working times of a plan that starts on `start`."""

    def __init__(self, start: date) -> None:
        self._start = start
        self._clock = _clock()
        self._dates: list[str] = []
        self._next_workday: list[int] = []

    def text(self, second: int) -> str:
        """Return the moment, such as 2025-07-01T18:00:05+08:00; `second` is not negative."""
        day, rest = divmod(second, DAY_SECONDS)
        if day >= len(self._dates):
            self._reach(day)
        return self._dates[day] + self._clock[rest]

    def tables(self, second: int) -> tuple[list[str], tuple[str, ...]]:
        """Return dates by day up to that of `second`, and the rest of the text by second."""
        day = second // DAY_SECONDS
        if day >= len(self._dates):
            self._reach(day)
        return self._dates, self._clock

    def at_work(self, second: int) -> int:
        """Return the moment itself in office hours, else one in the next office hours."""
        day, rest = divmod(second, DAY_SECONDS)
        if rest >= _CLOSE:
            day += 1
        if day >= len(self._next_workday):
            self._reach(day)
        workday = self._next_workday[day]
        if workday != day or not _OPEN <= rest < _CLOSE:
            rest = _OPEN + rest * 2311 % (_CLOSE - _OPEN)
        return workday * DAY_SECONDS + rest

    def _reach(self, day: int) -> None:
        """Extend the tables to a day: its date, and the first working day from it on."""
        for index in range(len(self._dates), day + 1):
            found = index
            while is_off(self._start + timedelta(days=found)):
                found += 1
            self._dates.append(f"{(self._start + timedelta(days=index)).isoformat()}T")
            self._next_workday.append(found)


@cache
def _clock() -> tuple[str, ...]:
    return tuple(
        f"{hour:02d}:{minute:02d}:{second:02d}+08:00"
        for hour in range(24)
        for minute in range(60)
        for second in range(60)
    )
