"""One look at the last day of a set of series: counts of late beside what was to be expected.

Expected once, judged twice: for too much and for too little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.alarms.expecting import (
    CURVE_DAYS,
    LEVEL_LAG,
    Expected,
    Reference,
    expected_of,
    history_days,
)
from triage.alarms.findings import AlarmKind, Finding, Point
from triage.alarms.key import Level
from triage.alarms.rules import AlarmRules
from triage.alarms.series import SeriesSet
from triage.alarms.tails import Floats
from triage.trends.day_kinds import Calendar, DayKind, kind_of

_LITTLE = 0.5
"""Requests a day that are added before the root of a weight is taken: none has no weight at all."""
_HOLIDAYS = frozenset({DayKind.HOLIDAY, DayKind.LONG_HOLIDAY})


@dataclass(frozen=True, slots=True)
class Looked:
    """Rows of a set that may show something, with their last days `counts` (n, CURVE_DAYS).

    `tests` is how many series have history enough; those left out could not be raised. `weight`
    (n,) is what share of the false discoveries each may have, 1 on average of all tests. `demand`
    are the places of series that count requests: what a unit answers is work, and can only cease.
    On a holiday (`is_holiday`) weeks alone cannot tell what is quiet.
    """

    series: SeriesSet
    rows: NDArray[np.int64]
    counts: Floats
    expected: Expected
    weight: Floats
    demand: NDArray[np.int64]
    tests: int
    too_short: int
    is_holiday: bool = False

    def finding(self, kind: AlarmKind, place: int, window: int) -> Finding:
        """Return the finding at a place, its chance still to be said."""
        mean = self.expected.mean[place]
        return Finding(
            kind=kind,
            key=self.series.keys[int(self.rows[place])],
            day=self.series.days[-1],
            window_days=window,
            count=int(self.counts[place, -window:].sum()),
            expected=float(mean[-window:].sum()),
            chance=1.0,
            rate=1.0,
            dispersion=float(self.expected.dispersion[place]),
            method=self.expected.method[place],
            curve=self._curve(place),
        )

    def _curve(self, place: int) -> tuple[Point, ...]:
        days = self.series.days[-CURVE_DAYS:]
        return tuple(
            Point(day.isoformat(), int(count), float(one))
            for day, count, one in zip(
                days, self.counts[place], self.expected.mean[place], strict=True
            )
        )


def look(
    series: SeriesSet,
    rules: AlarmRules,
    calendar: Calendar,
    reference: Reference | None = None,
    *,
    is_whole: bool = False,
) -> Looked:
    """Look at the last day; a set of no series or of too few days has nothing to be judged.

    With `is_whole` rows that can show nothing are there too: measuring puts something into them.
    """
    least = max(rules.outbreak.short_days, CURVE_DAYS)
    is_old = history_days(series) >= least
    tested = np.flatnonzero(is_old)
    kept = np.ones(len(tested), bool)
    if tested.size and not is_whole:
        kept = _may_show(series, tested, rules)
    rows = tested[kept]
    expected = expected_of(series, rows, rules.outbreak, calendar, reference)
    of_unit = np.array([series.keys[row].level is Level.UNIT for row in rows], bool)
    return Looked(
        series=series,
        rows=rows,
        counts=series.counts[rows, -CURVE_DAYS:],
        expected=expected,
        weight=_weights(series, tested)[kept],
        demand=np.flatnonzero(~of_unit),
        tests=len(tested),
        too_short=len(series.keys) - len(tested),
        is_holiday=bool(series.days) and kind_of(series.days[-1], calendar) in _HOLIDAYS,
    )


def _weights(series: SeriesSet, tested: NDArray[np.int64]) -> Floats:
    """Return weights by what a series usually brings: of one request a week little can be told.

    Genovese, Roeder, Wasserman, False discovery control with p-value weighting, Biometrika 93
    (2006) 509: any weights of mean 1 that the judged days do not move keep the rate.
    """
    if not tested.size:
        return np.zeros(0)
    usual = series.counts[tested, -CURVE_DAYS - LEVEL_LAG : -LEVEL_LAG].mean(axis=1)
    root = np.sqrt(usual + _LITTLE)
    return np.asarray(root / root.mean())


def _may_show(series: SeriesSet, tested: NDArray[np.int64], rules: AlarmRules) -> NDArray[np.bool_]:
    """Say which rows hold enough for an outbreak, or held enough for a silence."""
    counts = series.counts[tested]
    loud = counts[:, -max(rules.outbreak.windows) :].sum(axis=1) >= rules.outbreak.least
    usual = counts[:, -CURVE_DAYS - 1 : -1].mean(axis=1) * max(rules.silence.windows)
    result: NDArray[np.bool_] = loud | (usual >= rules.silence.expected / 2)
    return result
