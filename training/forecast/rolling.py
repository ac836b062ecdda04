"""What each candidate would have said in the past: forecasts from origin after origin.

Every forecast sees only what came before its origin. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.forecast.candidates import CANDIDATES, ahead
from triage.trends.panel import Floats


@dataclass(frozen=True, slots=True)
class Rolled:
    """Forecasts of a series from k origins.

    `means[name]` and `truth` are arrays (k, h); `origins` (k,) the number of steps each saw. Steps
    after the end of the series are NaN in `truth`.
    """

    origins: NDArray[np.int64]
    means: dict[str, Floats]
    truth: Floats


def taken(past: Rolled, rows: slice) -> Rolled:
    """Return only these origins."""
    means = {name: mean[rows] for name, mean in past.means.items()}
    return Rolled(past.origins[rows], means, past.truth[rows])


def origins_of(steps: int, *, horizon: int, step: int, count: int, least: int) -> NDArray[np.int64]:
    """Return up to `count` origins `step` apart, the last with its whole horizon known, in order.

    None sees fewer than `least` steps.
    """
    last = steps - horizon
    found = np.arange(last, least - 1, -step)[:count][::-1]
    return found.astype(np.int64)


def rolled(
    y: Floats, X: Floats, origins: Sequence[int], names: Sequence[str], *, horizon: int
) -> Rolled:
    """Return the forecasts of the candidates that every origin suffices for.

    Parameters
    ----------
    y : counts, shape (t,)
    X : regressors, shape (at least t + horizon, k); row 0 belongs to y[0]
    """
    usable = [name for name in names if not len(origins) or CANDIDATES[name].least <= origins[0]]
    means = {name: np.zeros((len(origins), horizon), np.float32) for name in usable}
    truth = np.full((len(origins), horizon), np.nan, np.float32)
    for row, origin in enumerate(origins):
        known = y[origin : origin + horizon]
        truth[row, : len(known)] = known
        for name in usable:
            means[name][row] = ahead(name, y[:origin], X, horizon)
    return Rolled(np.asarray(origins, np.int64), means, truth)
