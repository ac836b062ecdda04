"""A finding: one series that is out of the ordinary on a day, with all that it was judged by.

Values only. What is told of it in words is `telling`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from triage.alarms.key import SeriesKey
from triage.request import Json


class AlarmKind(StrEnum):
    """Why an alarm is raised."""

    OUTBREAK = "outbreak"
    EMERGING = "emerging"
    SILENCE = "silence"
    LOAD = "load"


class Method(StrEnum):
    """What said it: see docs/alarms.md."""

    FARRINGTON = "farrington"
    EARS = "ears"
    CUSUM = "cusum"
    GROWTH = "growth"
    STORM = "storm"
    TERMS = "terms"
    FORECAST = "forecast"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Point:
    """One day (or hour) of the curve; `expected` is None where nothing was expected of it."""

    label: str
    count: int
    expected: float | None

    def to_json(self) -> dict[str, Json]:
        """Return it for evidence."""
        expected = None if self.expected is None else round(self.expected, 2)
        return {"at": self.label, "count": self.count, "expected": expected}


@dataclass(frozen=True, slots=True)
class Finding:
    """One series, on `day`: `count` came in the last `window_days`, `expected` were to be.

    `chance` is the probability of so many (so few) by chance, `rate` the least share of false
    discoveries at which it would still be raised. `dispersion` is variance over mean.
    `threshold` is from how many on it is raised (of a silence: down to how many), None where
    counts do not say; `statistics` by name are told beside it (`thresholds`).
    """

    kind: AlarmKind
    key: SeriesKey
    day: date
    window_days: int
    count: int
    expected: float
    chance: float
    rate: float
    dispersion: float
    method: Method
    curve: tuple[Point, ...] = ()
    terms: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    title: str = ""
    parts: tuple[str, ...] = field(default=())
    proposes: tuple[str, ...] = ()
    threshold: float | None = None
    statistics: tuple[tuple[str, float], ...] = ()

    @property
    def excess(self) -> float:
        """Return how many more came than expected; negative for fewer."""
        return self.count - self.expected

    @property
    def times(self) -> float:
        """Return count over expected."""
        return self.count / max(self.expected, 1e-9)
