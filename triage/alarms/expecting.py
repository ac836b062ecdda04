"""What was to be expected of some series of late: by years where there are two, else by weeks.

Farrington's regression is fitted on what came before the last `gap_days`; the level of the four
weeks before the day then moves it, because a city's volume drifts faster than years tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.alarms.days import COLUMNS, columns_of
from triage.alarms.findings import Method
from triage.alarms.quasi_poisson import Fit, fit
from triage.alarms.rules import OutbreakRules
from triage.alarms.series import SeriesSet
from triage.alarms.shared import groups_of
from triage.alarms.short_history import BASELINE_DAYS, LAG_DAYS, expect
from triage.alarms.tails import Floats
from triage.trends.day_kinds import Calendar

CURVE_DAYS: Final = 28
"""Days of the curve that is kept as evidence, the day itself included."""
LEVEL_LAG: Final = 4
"""Days before the end that the level leaves out: a burst of three days does not become it."""
_LEVEL_PSEUDO: Final = 20.0
"""Requests as if the regression had been right: the level of a rare topic follows slowly."""
_MOST_SHIFT: Final = 3.0
"""The level moves an expectation by no more than this factor, either way."""
_OUTLYING: Final = 3.0
_JUDGED: Final = 3
"""Days at the end that the level of weeks leaves out: the longest window of an outbreak."""
_UNSURE: Final = 1.0 + _JUDGED / BASELINE_DAYS
"""The level of four weeks is itself counted: its variance adds to that of the days judged."""
_BLOCK: Final = 2_000


@dataclass(frozen=True, slots=True)
class Expected:
    """Of n series: expected counts (n, CURVE_DAYS), and (n,) dispersion, method, CUSUM.

    `drift` is the CUSUM's chance.
    `is_told` is False where the history is too short for anything to be expected.
    """

    mean: Floats
    dispersion: Floats
    cusum: Floats
    drift: Floats
    method: tuple[Method, ...]
    is_told: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reference:
    """Regressions of all series of a set, made once and used for some days: (n, p) and (n,).

    Rows whose history is too short for years have a dispersion of 0.
    """

    fitted: Fit
    origin: date


def reference_of(series: SeriesSet, rules: OutbreakRules, calendar: Calendar) -> Reference:
    """Fit every series with enough years on what came before the last `gap_days`."""
    rows = np.flatnonzero(history_days(series) >= rules.long_days)
    beta, dispersion = np.zeros((len(series.keys), COLUMNS)), np.zeros(len(series.keys))
    for block in _blocks(rows):
        fitted = _fitted(series, block, rules, calendar)
        beta[block], dispersion[block] = fitted.beta, fitted.dispersion
    return Reference(Fit(beta, dispersion), series.days[-1])


def history_days(series: SeriesSet) -> NDArray[np.int64]:
    """Return how many days each series had before the last one, (n,)."""
    result: NDArray[np.int64] = np.maximum(len(series.days) - 1 - series.start, 0)
    return result


def expected_of(
    series: SeriesSet,
    rows: NDArray[np.int64],
    rules: OutbreakRules,
    calendar: Calendar,
    reference: Reference | None = None,
) -> Expected:
    """Expect the last `CURVE_DAYS` of some rows of a set; without a reference one is made."""
    history = history_days(series)[rows]
    mean = np.zeros((len(rows), CURVE_DAYS))
    dispersion, drift = np.ones(len(rows)), np.ones(len(rows))
    cusum = np.zeros(len(rows))
    is_long = history >= rules.long_days
    if reference is not None:
        is_long &= reference.fitted.dispersion[rows] > 0
    is_told = history >= max(rules.short_days, CURVE_DAYS + LAG_DAYS + 7)
    is_short = is_told & ~is_long
    for block in _blocks(np.flatnonzero(is_long)):
        one = _fit_of(series, rows[block], rules, calendar, reference)
        mean[block], dispersion[block] = _by_years(series, rows[block], one, calendar)
    block = np.flatnonzero(is_short)
    weeks = _by_weeks(series, rows[block], calendar)
    mean[block], dispersion[block], cusum[block], drift[block] = weeks
    method = tuple(Method.FARRINGTON if one else Method.EARS for one in is_long)
    return Expected(mean, dispersion, cusum, drift, method, is_told)


def _blocks(found: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [found[at : at + _BLOCK] for at in range(0, len(found), _BLOCK)]


def _fit_of(
    series: SeriesSet,
    rows: NDArray[np.int64],
    rules: OutbreakRules,
    calendar: Calendar,
    reference: Reference | None,
) -> Reference:
    if reference is None:
        return Reference(_fitted(series, rows, rules, calendar), series.days[-1])
    fitted = Fit(reference.fitted.beta[rows], reference.fitted.dispersion[rows])
    return Reference(fitted, reference.origin)


def _fitted(
    series: SeriesSet, rows: NDArray[np.int64], rules: OutbreakRules, calendar: Calendar
) -> Fit:
    first, end = max(0, len(series.days) - rules.years * 365), len(series.days) - rules.gap_days
    columns = columns_of(series.days[first:end], calendar, origin=series.days[-1])
    return fit(series.counts[rows, first:end], columns)


def _by_years(
    series: SeriesSet, rows: NDArray[np.int64], reference: Reference, calendar: Calendar
) -> tuple[Floats, Floats]:
    recent = slice(len(series.days) - CURVE_DAYS - LEVEL_LAG, None)
    columns = columns_of(series.days[recent], calendar, origin=reference.origin)
    mean = reference.fitted.mean(columns)
    counts = series.counts[rows, recent]
    shift = _level(counts[:, :-LEVEL_LAG], mean[:, :-LEVEL_LAG], reference.fitted)
    return mean[:, LEVEL_LAG:] * shift[:, None], reference.fitted.dispersion


def _level(counts: Floats, mean: Floats, fitted: Fit) -> Floats:
    """Return by how much the last weeks lay above what years say; single outbreaks cut off."""
    most = mean + _OUTLYING * np.sqrt(mean * fitted.dispersion[:, None]) + 1.0
    pseudo = _LEVEL_PSEUDO * fitted.dispersion
    ratio = (np.minimum(counts, most).sum(axis=1) + pseudo) / (mean.sum(axis=1) + pseudo)
    result: Floats = np.clip(ratio, 1 / _MOST_SHIFT, _MOST_SHIFT)
    return result


def _by_weeks(
    series: SeriesSet, rows: NDArray[np.int64], calendar: Calendar
) -> tuple[Floats, Floats, Floats, Floats]:
    """Expect from weeks; days before the last have the curve of a level that stands still.

    Series that began together are looked at together, those that are not asked for too: they tell
    what all share.
    """
    kind = np.array([_weekday(day, calendar) for day in series.days])
    groups = groups_of(series.keys)
    mean = np.zeros((len(rows), CURVE_DAYS))
    dispersion, cusum, drift = np.ones(len(rows)), np.zeros(len(rows)), np.ones(len(rows))
    for start in np.unique(series.start[rows]):
        begins = max(int(start), len(series.days) - 365)
        together = np.flatnonzero(series.start == start)
        said = expect(series.counts[together, begins:], kind[begins:], _JUDGED, groups[together])
        own = np.flatnonzero(series.start[rows] == start)
        at = np.searchsorted(together, rows[own])
        mean[own] = said.level[at, None] * said.factor[at, -CURVE_DAYS:]
        dispersion[own] = said.dispersion[at] * _UNSURE
        cusum[own], drift[own] = said.cusum[at], said.drift[at]
    return mean, dispersion, cusum, drift


def _weekday(day: date, calendar: Calendar) -> int:
    """Return by which weekday a day goes: weeks know nothing of holidays and 调休 themselves."""
    if calendar.is_working_day(day) == (day.weekday() < 5):
        return day.weekday()
    return 6 if day.weekday() < 5 else 0
