"""Measures of forecasts, pure: MASE, pinball loss, coverage, relative error with a paired interval.

Arrays are (k, h): k origins, h steps ahead; NaN in the truth is left out. What made the forecasts
is not known here. MASE: Hyndman and Koehler 2006; pinball: Koenker and Bassett 1978.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import RESAMPLES, SEED, Interval

Array: TypeAlias = NDArray[np.floating]


def mean_absolute(truth: Array, forecast: Array) -> float:
    """Return the mean absolute error; NaN where nothing is known."""
    return _mean(np.abs(truth - forecast))


def mase(truth: Array, forecast: Array, history: Array, *, season: int) -> float:
    """Return the absolute error over that of seasonal naive, one step ahead, on `history` (t,).

    NaN where the history is shorter than a season and one step, or never changes.
    """
    if len(history) <= season:
        return float("nan")
    scale = float(np.mean(np.abs(history[season:] - history[:-season])))
    return mean_absolute(truth, forecast) / scale if scale > 0 else float("nan")


def pinball(truth: Array, quantile: Array, level: float) -> float:
    """Return the mean pinball loss of a quantile forecast, `level` in (0, 1)."""
    miss = truth - quantile
    return _mean(np.maximum(level * miss, (level - 1) * miss))


def coverage(truth: Array, low: Array, high: Array) -> float:
    """Return the share of known truths in [low, high], the ends included."""
    known = ~np.isnan(truth)
    inside = (truth >= low) & (truth <= high)
    return float(inside[known].mean()) if known.any() else float("nan")


def relative_error(truth: Array, forecast: Array, reference: Array) -> Interval:
    """Return the absolute error over the reference's, with a paired 95 % interval.

    Origins are drawn with replacement, both forecasts of an origin together; neighbours overlap,
    so that the interval is a little narrow.
    """
    own = np.nansum(np.abs(truth - forecast), axis=1)
    return relative_of_sums(own, np.nansum(np.abs(truth - reference), axis=1))


def relative_of_sums(own: Array, other: Array) -> Interval:
    """Return the same from errors that were already added up, one sum an origin, shape (k,)."""
    if not other.sum():
        return Interval(float("nan"), float("nan"), float("nan"))
    drawn = np.random.default_rng(SEED).integers(0, len(own), (RESAMPLES, len(own)))
    ratios = own[drawn].sum(axis=1) / np.maximum(other[drawn].sum(axis=1), 1e-9)
    low, high = np.quantile(ratios, [0.025, 0.975])
    return Interval(float(own.sum() / other.sum()), float(low), float(high))


def _mean(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")
