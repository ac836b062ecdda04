"""How many requests to expect: topic × district on a day, and at which hour they come.

The calendar and the weather multiply each topic's share; a district's share follows its people.
All of it is relative: `Volume` scales so that an average year gives what the plan asks for.
"""

from __future__ import annotations

from datetime import date
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from triage.simulate.cumulative import WeightedGroups
from triage.simulate.days import DayKind, kind_of
from triage.simulate.plan import CityPlan
from triage.simulate.tables import DISTRICTS, HOURS, PROFILES
from triage.simulate.weather import ZONES, Weather, weather_of

EXTRA_TELLINGS = 2.2
"""Mean of further requests about an event that several people report."""
_WEEK = (1.08, 1.02, 1.0, 0.99, 0.95, 1.02, 0.98)
_FESTIVAL, _BACK, _MAKE_UP = 0.7, 1.15, 0.95


def _column(name: str) -> NDArray[np.float64]:
    return np.array([float(row[name]) for row in PROFILES()])


class Volume:
    """Expected requests of a plan, day by day."""

    def __init__(self, plan: CityPlan) -> None:
        self.topics = tuple(row["topic"] for row in PROFILES())
        self.spread = _column("spread")
        self._share = _column("weight") / _column("weight").sum()
        self._peak, self._swing = _column("peak_month"), _column("swing")
        self._rest, self._holiday = _column("rest_day"), _column("holiday")
        self._causes = np.stack([_column(name) for name in ("heat", "rain", "cold")], axis=1)
        people = np.array([float(row["population"]) for row in DISTRICTS()])
        ruralness = np.array([float(row["ruralness"]) for row in DISTRICTS()])
        pull = people * _column("rural")[:, None] ** ruralness
        self._zone = np.array([ZONES.index(row["zone"]) for row in DISTRICTS()])
        self.cells = self._share[:, None] * pull / pull.sum(axis=1, keepdims=True)
        self.hours = HourShapes()
        told = 1 + EXTRA_TELLINGS * float(self._share @ self.spread)
        year = sum(self._factors(one).sum() for one in islice(weather_of(plan), 365)) / 365
        self._scale = plan.per_day / (told * (1 + plan.repeats) * float(year))

    def expected(self, weather: Weather) -> NDArray[np.float64]:
        """Return expected first requests, float64 (topics, districts), of the weather's day."""
        return self._scale * self._factors(weather)

    def _factors(self, weather: Weather) -> NDArray[np.float64]:
        """Return cells × calendar × weather, float64 (topics, districts)."""
        driven = 1 + self._causes @ weather.drive()
        result: NDArray[np.float64] = (
            self.cells * self._calendar(weather.day)[:, None] * driven[:, self._zone]
        )
        return result

    def _calendar(self, day: date) -> NDArray[np.float64]:
        """Return the factor of each topic on a day: season, day of the week, holidays."""
        month = day.month + (day.day - 1) / 31
        season = 1 + self._swing * np.cos(2 * np.pi * (month - self._peak) / 12)
        kind = kind_of(day)
        week = _WEEK[day.weekday()]
        return (
            season
            * {
                DayKind.WORKDAY: np.full_like(season, week),
                DayKind.REST: week * self._rest,
                DayKind.HOLIDAY: self._holiday,
                DayKind.FESTIVAL: _FESTIVAL * self._holiday,
                DayKind.MAKE_UP: np.full_like(season, _MAKE_UP),
                DayKind.BACK: np.full_like(season, _BACK * week),
            }[kind]
        )


class HourShapes:
    """The tide of the day: which second of the day a request of a topic comes in."""

    def __init__(self) -> None:
        names = [row["shape"] for row in HOURS()]
        self._of = np.array([names.index(row["hours"]) for row in PROFILES()])
        weights = np.array([float(row[str(hour)]) for row in HOURS() for hour in range(24)])
        self._hours = WeightedGroups(weights, np.repeat(np.arange(len(names)), 24))

    def seconds(self, topic: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """Return a second of the day, int64 (n,), for each topic index (n,)."""
        hour = self._hours.draw(self._of[topic], rng) % 24
        return hour * 3600 + rng.integers(3600, size=len(topic))
