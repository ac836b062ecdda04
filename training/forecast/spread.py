"""Quantiles of a forecast from its own past errors: conformal, scaled as counts are.

An error is divided by sqrt(mean + 1), which makes counts of all sizes alike (the Poisson standard
deviation, one added for small means); past scaled errors, pooled over the horizon, give the
quantiles of the next, recent ones weighing more (Barber, Candes, Ramdas and Tibshirani 2023,
Conformal prediction beyond exchangeability).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.trends.panel import Floats

GRID: Final = np.round(np.concatenate([[0.005, 0.01, 0.025], np.arange(0.05, 0.951, 0.05),
                                       [0.975, 0.99, 0.995]]), 3)  # fmt: skip
"""The quantiles kept of scaled errors."""
HALF_LIFE: Final = 8.0
"""Origins (weeks) after which an error weighs half. Of none, 26, 13 and 8 weeks, 8 missed the
wanted coverage least on four earlier years of the 311 series."""
LEAST_ERRORS: Final = 56
"""Errors from which they speak for themselves; four origins of two weeks."""


def spread_of(truth: Floats, mean: Floats) -> NDArray[np.float64]:
    """Return the quantiles of scaled errors at `GRID`.

    Parameters
    ----------
    truth, mean : past counts and forecasts, shape (k, h), the latest origin last
    """
    errors = (truth.astype(np.float64) - mean) / np.sqrt(mean + 1.0)
    if errors.size < LEAST_ERRORS:
        return poisson_like(errors)
    age = np.arange(len(errors))[::-1]
    weights = np.broadcast_to((0.5 ** (age / HALF_LIFE))[:, None], errors.shape)
    return _quantiles(errors.ravel(), weights.ravel())


def poisson_like(errors: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Return the grid where there are too few errors to learn from: normal, as wide as Poisson's.

    Wider where the few `errors` (scaled) are: a large series strays further than its root.
    """
    from scipy.stats import norm

    rms = float(np.sqrt(np.mean(errors**2))) if errors is not None and errors.size else 1.0
    found: NDArray[np.float64] = norm.ppf(GRID) * max(1.0, rms)
    return found


def at_level(mean: Floats, grid: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Return the quantile `level` in (0, 1) of forecasts with these means, none below 0.

    Parameters
    ----------
    mean : any shape
    grid : scaled quantiles, shape (..., len(GRID)): one row for all of `mean`, or one for each row
    """
    if grid.ndim == 1:
        z: NDArray[np.float64] = np.asarray(np.interp(level, GRID, grid))
    else:
        z = np.array([np.interp(level, GRID, row) for row in grid])[:, None]
    found: NDArray[np.float64] = np.maximum(0.0, mean + z * np.sqrt(mean + 1.0))
    return found


def _quantiles(errors: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    order = np.argsort(errors)
    passed = np.cumsum(weights[order])
    ranks = passed / (passed[-1] + weights.max())  # the next error has a weight as well
    found: NDArray[np.float64] = np.interp(GRID, ranks, errors[order])
    return found
