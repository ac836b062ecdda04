"""Daily counts of all series of a city, dense, added up from topic × district cells.

A day on which nothing at all came in the whole city is a day without data unless it is the last:
its count is taken from the same weekday around it, as for forecasts (`triage.trends.panel_gaps`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from triage.alarms.key import Level, SeriesKey
from triage.alarms.tails import Floats
from triage.trends.panel_gaps import filled


@dataclass(frozen=True, slots=True)
class SeriesSet:
    """`counts[i, t]` of series `keys[i]` on `days[t]`; a series begins at column `start[i]`."""

    keys: tuple[SeriesKey, ...]
    days: tuple[date, ...]
    counts: Floats
    start: NDArray[np.int64]
    notes: tuple[str, ...] = ()

    def upto(self, day: date) -> SeriesSet:
        """Return what was known at the end of a day within it."""
        end = (day - self.days[0]).days + 1
        counts, start = self.counts[:, :end], np.minimum(self.start, end)
        return SeriesSet(self.keys, self.days[:end], counts, start, self.notes)

    def with_(self, other: SeriesSet) -> SeriesSet:
        """Return both sets as one; the days must be the same."""
        if self.days != other.days:
            raise ValueError("the sets count different days")
        return SeriesSet(
            self.keys + other.keys,
            self.days,
            np.concatenate([self.counts, other.counts]),
            np.concatenate([self.start, other.start]),
            self.notes,
        )


def series_of(
    keys: Sequence[SeriesKey],
    first: date,
    counts: Floats,
    *,
    late_days: int = 180,
    has_gaps: bool = True,
) -> SeriesSet:
    """Return a set of series as counted, (n, T) from `first` on.

    With `has_gaps` a day of nothing at all is one without data; units rest on Sundays, and what the
    ledger counts of them has none. A series whose first request came within `late_days` of the
    first day has begun with it: rare topics are not new ones.
    """
    days = tuple(first + timedelta(days=n) for n in range(counts.shape[1]))
    seen = counts.sum(axis=0) > 0
    if seen.size:
        seen[-1] = True
    if not has_gaps:
        seen[:] = True
    mended, notes = filled(counts.astype(np.float32), seen, season=7)
    any_ = mended > 0
    begun = np.where(any_.any(axis=1), any_.argmax(axis=1), counts.shape[1])
    start = np.where(begun <= late_days, 0, begun).astype(np.int64)
    return SeriesSet(tuple(keys), days, mended.astype(np.float64), start, notes)


def city_series(
    cells: Mapping[tuple[str, str], Floats], first: date, first_level: Mapping[str, str]
) -> SeriesSet:
    """Return the series of all levels from counts by (topic, district), each (T,).

    Unknown codes ("") count in the levels above, and have no series of their own.
    """
    rows: dict[SeriesKey, Floats] = {}
    for (topic, area), counts in cells.items():
        for key in _holding(topic, area, first_level.get(topic, "")):
            if key in rows:
                rows[key] += counts
            else:
                rows[key] = counts.astype(np.float64, copy=True)
    keys = sorted(rows)
    if not keys:
        return SeriesSet((), (), np.zeros((0, 0)), np.zeros(0, np.int64))
    return series_of(keys, first, np.stack([rows[key] for key in keys]))


def _holding(topic: str, area: str, l1: str) -> list[SeriesKey]:
    found = [SeriesKey(Level.CITY)]
    if area:
        found.append(SeriesKey(Level.AREA, area=area))
    if l1:
        found.append(SeriesKey(Level.L1, l1=l1))
    if topic:
        found.append(SeriesKey(Level.TOPIC, topic=topic, l1=l1))
    if l1 and area:
        found.append(SeriesKey(Level.L1_AREA, l1=l1, area=area))
    if topic and area:
        found.append(SeriesKey(Level.TOPIC_AREA, topic=topic, l1=l1, area=area))
    return found
