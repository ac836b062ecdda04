"""A simulated city by the hour and by unit: what a channel brings, how many a unit answers.

A request is answered by the unit of its matter on a working day, after a handling time drawn from
the simulation's own tables: enough to tell a unit that has ceased from a Sunday.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from triage.alarms.hours import HourlySet
from triage.alarms.key import Level, SeriesKey
from triage.alarms.series import SeriesSet, series_of
from triage.catalogue import Catalogue
from triage.simulate.desk import Desk
from triage.simulate.handling import HANDLING_TIMES, SLOWNESS
from triage.simulate.rows import Rows
from triage.simulate.tables import CHANNELS, MATTERS
from triage.workorder.working_calendar import WorkingCalendar

_HOUR = 3600


class Lives:
    """Counts hours of channels and answers of units while the days of a city pass."""

    def __init__(self, catalogue: Catalogue, start: date, days: int) -> None:
        self._start, self._days = start, days
        names = [row["channel"] for row in CHANNELS()]
        self._channels = sorted(set(names))
        self._channel = np.array([self._channels.index(name) for name in names])
        units = Desk(catalogue).units_of_matters()
        self._units = sorted(set(units))
        self._unit = np.array([self._units.index(name) for name in units])
        times = [HANDLING_TIMES[row["request_type"]] for row in MATTERS()]
        self._median = np.array([one.median for one in times])
        self._works = _next_working_day(start, days)
        self._hours = np.zeros((len(self._channels), 24 * days))
        self._answers = np.zeros((len(self._units), days))

    def add(self, index: int, rows: Rows) -> None:
        """Count the requests of a day, and their answers on the days to come."""
        hour = index * 24 + rows["second"] // _HOUR
        np.add.at(self._hours, (self._channel[rows["channel"]], hour), 1)
        rng = np.random.default_rng([index, len(rows)])
        matter = rows["matter"]
        taken = self._median[matter] * rng.choice(np.array(SLOWNESS), size=len(rows))
        done = index + np.ceil(taken).astype(np.int64)
        kept = done < self._days
        np.add.at(self._answers, (self._unit[matter[kept]], self._works[done[kept]]), 1)

    def hours(self) -> HourlySet:
        """Return the hours of all channels."""
        keys = tuple(SeriesKey(Level.CHANNEL, channel=name) for name in self._channels)
        return HourlySet(keys, datetime.combine(self._start, time()), self._hours)

    def answers(self) -> SeriesSet:
        """Return the daily answers of all units."""
        keys = [SeriesKey(Level.UNIT, unit=name) for name in self._units]
        return series_of(keys, self._start, self._answers, has_gaps=False)


def _next_working_day(start: date, days: int) -> NDArray[np.int64]:
    """Return for each day the first working day from it on, the last day where none follows."""
    calendar = WorkingCalendar()
    result = np.full(days, days - 1)
    following = days - 1
    for index in reversed(range(days)):
        if calendar.is_working_day(start + timedelta(days=index)):
            following = index
        result[index] = following
    return result
