"""Time that leaves out the spans in which a clock stands: by minutes, and by working days.

It knows nothing of orders or policies; `deadlines` says which spans those are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from triage.workorder.working_calendar import (
    DAY,
    WorkingCalendar,
    end_of_day,
    shanghai_day,
    start_of_day,
)

Interval: TypeAlias = tuple[datetime, datetime]
"""From the first moment up to, not including, the second; both aware UTC."""


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the same moments as intervals that are in order and do not touch."""
    result: list[Interval] = []
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return tuple(result)


def stands_at(stops: Sequence[Interval], moment: datetime) -> bool:
    """Say whether the clock stands at that moment."""
    return any(start <= moment < end for start, end in stops)


def running(stops: Sequence[Interval], start: datetime, end: datetime) -> timedelta:
    """Return how long the clock ran from `start` to `end`; `stops` are merged."""
    stood = (min(end, until) - max(start, since) for since, until in stops)
    return end - start - sum((max(span, timedelta()) for span in stood), timedelta())


def after_running(stops: Sequence[Interval], start: datetime, span: timedelta) -> datetime:
    """Return when the clock will have run for `span`; `stops` are merged.

    A stop that begins at that very moment comes too late.
    """
    due = start + span
    for since, until in stops:
        if until > start and since < due:
            due += until - max(since, start)
    return due


def after_working_days(
    stops: Sequence[Interval], start: datetime, n: int, calendar: WorkingCalendar
) -> tuple[datetime, int]:
    """Return the end of the n-th working day on which the clock runs, and how many it stood.

    A working day is not counted if the clock stands at its beginning; and it is not the last one
    if the clock stands at its end, for nothing falls due while the clock stands.
    """
    day, left, stood = shanghai_day(start), n, 0
    while True:
        day += DAY
        if not calendar.is_working_day(day):
            continue
        if stands_at(stops, start_of_day(day)):
            stood += 1
        else:
            left -= 1
        if left <= 0 and not stands_at(stops, end_of_day(day)):
            return end_of_day(day), stood
