"""Choose for one series: which candidates' mean is forecast, and how far the truth strays from it.

The candidates nearly as good as the best on past origins are averaged: an average of good ones is
rarely worse than the best and often better (Bates and Granger 1969; M4, Makridakis et al. 2020).
Where that would have been worse than seasonal naive, seasonal naive is chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.forecast.candidates import CANDIDATES, NAIVE, SETS, SHORT_STEPS, class_of
from training.forecast.rolling import Rolled, origins_of, rolled
from training.forecast.spread import at_level, poisson_like, spread_of
from triage.trends.panel import Floats

NEARLY: Final = 0.06
"""A candidate this share worse than the best still takes part in the average."""
SHORT, ZERO, ENDED = "short", "zero", "ended"
"""Series that no candidate fits: too little of it, nothing but zeros, silent for half a year."""
ENDED_STEPS: Final = 180
ORIGINS: Final = 52
"""Weekly origins that a choice looks back on: a year, with its holidays and its weather."""
STEP: Final = 7
FULL_STEPS: Final = 56
"""Steps that an origin has to see where there are enough: all candidates can then speak."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a series is forecast with.

    `members` are candidates whose means are averaged, or one of SHORT, ZERO, ENDED. `grid` holds
    the quantiles of scaled errors at `spread.GRID`; `score` is the absolute error on the origins
    relative to seasonal naive's (NaN without origins), `scores` that of each candidate.
    """

    members: tuple[str, ...]
    grid: tuple[float, ...]
    origins: int
    score: float
    scores: dict[str, float]

    @property
    def model(self) -> str:
        """How the choice is called in a forecast."""
        return "+".join(self.members)


def choose(y: Floats, X: Floats, *, horizon: int, count: int = ORIGINS) -> Choice:
    """Choose by `count` rolling origins within `y`; row 0 of `X` belongs to y[0].

    A series of five or six weeks is judged by as many days ahead as there are, one week at least.
    """
    special = _special(y)
    if special:
        return Choice((special,), tuple(poisson_like(_around(y))), 0, float("nan"), {})
    known = min(horizon, max(STEP, len(y) - SHORT_STEPS))
    origins = origins_of(len(y), horizon=known, step=STEP, count=count, least=least_of(y))
    if not len(origins):
        return Choice((SHORT,), tuple(poisson_like(_around(y))), 0, float("nan"), {})
    return chosen(rolled(y, X, list(origins), SETS[class_of(y)], horizon=known))


def still_fits(choice: Choice, y: Floats) -> bool:
    """Say whether a stored choice can be used on the series as it is today.

    One that was short, zero or ended must still be so; members must have the steps they need.
    """
    special = _special(y)
    if special or choice.members[0] in (SHORT, ZERO, ENDED):
        return choice.members == (special,)
    return all(CANDIDATES[name].least <= len(y) for name in choice.members if name in CANDIDATES)


def least_of(y: Floats) -> int:
    """Return the steps that an origin has to see."""
    return FULL_STEPS if len(y) >= 2 * FULL_STEPS else SHORT_STEPS


def chosen(past: Rolled) -> Choice:
    """Choose by forecasts that were made in the past."""
    errors = {name: mean_error(past.truth, mean) for name, mean in past.means.items()}
    members = _members(past, errors)
    grid = spread_of(past.truth, combined(past, members))
    naive = errors[NAIVE]
    score = mean_error(past.truth, _middle(past, members, grid)) / naive if naive else 1.0
    if score > 1.0:
        members, score = (NAIVE,), 1.0
        grid = spread_of(past.truth, combined(past, members))
    scores = {name: error / naive if naive else 1.0 for name, error in errors.items()}
    return Choice(members, tuple(grid), len(past.origins), score, scores)


def mean_error(truth: Floats, forecast: NDArray[np.floating]) -> float:
    """Return the mean absolute error where the truth is known."""
    return float(np.nanmean(np.abs(truth - forecast)))


def combined(past: Rolled, members: tuple[str, ...]) -> Floats:
    """Return the average of the members, shape (k, h)."""
    found: Floats = np.mean([past.means[name] for name in members], axis=0)
    return found


def _members(past: Rolled, errors: dict[str, float]) -> tuple[str, ...]:
    best = min(errors.values())
    near = tuple(name for name, error in errors.items() if error <= best * (1 + NEARLY))
    single = (min(errors, key=lambda name: errors[name]),)
    together = mean_error(past.truth, combined(past, near))
    return near if together <= best * (1 + NEARLY / 2) else single


def _middle(
    past: Rolled, members: tuple[str, ...], grid: NDArray[np.float64]
) -> NDArray[np.float64]:
    return at_level(combined(past, members), grid, 0.5)


def _around(y: Floats) -> NDArray[np.float64]:
    """Return the scaled errors of a series' own mean."""
    mean = float(y.mean()) if len(y) else 0.0
    found: NDArray[np.float64] = (y.astype(np.float64) - mean) / np.sqrt(mean + 1.0)
    return found


def _special(y: Floats) -> str:
    if len(y) < SHORT_STEPS:
        return SHORT if y.any() else ZERO
    if not y.any():
        return ZERO
    return ENDED if len(y) > ENDED_STEPS and not y[-ENDED_STEPS:].any() else ""
