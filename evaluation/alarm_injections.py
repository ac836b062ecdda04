"""Outbreaks and silences injected into a background, and whether and when alarms find them.

One at a time: counts of a series and of all that hold it are changed, the days are judged as
`triage alarms run` does, and the counts put back. All draws come from a seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evaluation.alarm_background import Background
from triage.alarms.expecting import CURVE_DAYS, Reference, reference_of
from triage.alarms.findings import AlarmKind, Finding
from triage.alarms.key import Level
from triage.alarms.looking import Looked, look
from triage.alarms.rules import AlarmRules
from triage.alarms.series import SeriesSet
from triage.alarms.tails import Floats
from triage.alarms.watch import judged
from triage.trends.day_kinds import Calendar

REFIT_DAYS = 7
"""Regressions are made once a week while measuring; in service they are made every day."""


@dataclass(frozen=True, slots=True)
class Injection:
    """What was done: to which series (row), from which column on, how much on each day."""

    row: int
    at: int
    mean: float
    times: float
    shape: str
    added: tuple[int, ...]

    @property
    def days(self) -> int:
        """How long it lasts."""
        return len(self.added)


@dataclass(frozen=True, slots=True)
class Found:
    """Whether it was found: days after its first (0: at the end of that day), None for never.

    `above` is the same for an alarm of a series that holds the injected one, one level up.
    """

    injection: Injection
    delay: int | None
    above: int | None


class Judging:
    """Judges days of a background; each is looked at once, however much is injected into it.

    Regressions are made once a week. What is injected does not move what was expected (the level
    leaves the last days out), so that one look serves; a CUSUM is left as it was without it.
    """

    def __init__(self, background: Background, rules: AlarmRules, calendar: Calendar) -> None:
        self.background, self._rules, self._calendar = background, rules, calendar
        self._references: dict[int, Reference] = {}
        self._looks: dict[int, Looked] = {}
        self._places = {key: n for n, key in enumerate(background.series.keys)}

    def with_rules(self, rules: AlarmRules) -> Judging:
        """Return the same with other thresholds; what was looked at is kept."""
        other = Judging(self.background, rules, self._calendar)
        other._references, other._looks = self._references, self._looks
        return other

    def day(self, column: int, injection: Injection | None = None) -> tuple[Finding, ...]:
        """Return what is found on the day of a column, with an injection as far as it has come."""
        looked = self._look(column)
        if injection is not None:
            looked = replace(looked, counts=self._injected(looked, column, injection))
        return judged(looked, self._rules)

    def _injected(self, looked: Looked, column: int, injection: Injection) -> Floats:
        counts = looked.counts.copy()
        days = column - injection.at + 1
        change = np.array(injection.added[:days], np.float64)
        key = self.background.series.keys[injection.row]
        rows = [self._places[one] for one in (key, *key.above()) if one in self._places]
        for place in np.flatnonzero(np.isin(looked.rows, rows)):
            counts[place, -days:] += change
        return counts

    def _look(self, column: int) -> Looked:
        if column not in self._looks:
            series = self.background.series
            seen = series.upto(series.days[column])
            self._looks[column] = look(
                seen, self._rules, self._calendar, self._reference(column), is_whole=True
            )
        return self._looks[column]

    def _reference(self, column: int) -> Reference:
        week = max(column - column % REFIT_DAYS, self.background.first_test)
        if week not in self._references:
            series = self.background.series
            upto = series.upto(series.days[week])
            self._references[week] = reference_of(upto, self._rules.outbreak, self._calendar)
        return self._references[week]


def outbreaks(
    background: Background,
    rows: Sequence[int],
    rng: np.random.Generator,
    *,
    times: float,
    days: int,
    shape: str,
    at: int | None = None,
) -> list[Injection]:
    """Return one outbreak for each of some rows, on days of chance, or from a column on."""
    found = []
    for row in rows:
        begins = _column(background, rng, days) if at is None else at
        mean = _mean(background.series, row, begins)
        expected = (times - 1.0) * mean * _shape(shape, days)
        added = tuple(int(n) for n in rng.poisson(expected))
        found.append(Injection(int(row), begins, mean, times, shape, added))
    return found


def silences(
    background: Background,
    rows: Sequence[int],
    rng: np.random.Generator,
    *,
    remaining: float,
    days: int,
    at: int | None = None,
) -> list[Injection]:
    """Return one silence for each of some rows: each request stays with a chance of `remaining`."""
    found = []
    for row in rows:
        begins = _column(background, rng, days) if at is None else at
        mean = _mean(background.series, row, begins)
        counts = background.series.counts[row, begins : begins + days].astype(np.int64)
        lost = counts - rng.binomial(counts, remaining)
        gone = tuple(-int(n) for n in lost)
        found.append(Injection(int(row), begins, mean, remaining, "flat", gone))
    return found


def find(judging: Judging, injection: Injection, kind: AlarmKind) -> Found:
    """Judge each day of an injection until it is found."""
    key = judging.background.series.keys[injection.row]
    above: int | None = None
    for day in range(injection.days):
        found = [one for one in judging.day(injection.at + day, injection) if one.kind is kind]
        if above is None and any(one.key in key.above() for one in found):
            above = day
        if any(one.key == key or key.code in one.parts for one in found):
            return Found(injection, day, above)
    return Found(injection, None, above)


def means(background: Background) -> Floats:
    """Return the mean of each series over the year before the days that are judged."""
    first = background.first_test
    result: Floats = background.series.counts[:, max(0, first - 365) : first].mean(axis=1)
    return result


def rows_between(
    background: Background, level: Level, low: float, high: float
) -> NDArray[np.int64]:
    """Return the series of a level with a mean in [low, high)."""
    mean = means(background)
    of = np.array([key.level is level for key in background.series.keys])
    result: NDArray[np.int64] = np.flatnonzero(of & (mean >= low) & (mean < high))
    return result


def _column(background: Background, rng: np.random.Generator, days: int) -> int:
    return int(rng.integers(background.first_test, len(background.series.days) - days + 1))


def _mean(series: SeriesSet, row: int, at: int) -> float:
    return float(series.counts[row, at - CURVE_DAYS : at].mean())


def _shape(shape: str, days: int) -> Floats:
    """Return the weight of each day, their mean 1."""
    n = np.arange(days, dtype=np.float64)
    weights = {
        "flat": np.ones(days),
        "ramp": n + 1.0,
        "peak": np.maximum(days - n, 1.0) ** 2,
    }[shape]
    result: Floats = weights / weights.mean()
    return result
