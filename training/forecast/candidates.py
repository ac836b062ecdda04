"""The candidate models, by name: which library model each is, and on which series it is worth it.

All are statsforecast's; seasonal naive is always among them. Costs are for three years of days on
one core (evaluation/results/forecast.json). What is chosen is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from sklearn.linear_model import Ridge
from statsforecast.models import (
    TSB,
    AutoETS,
    CrostonSBA,
    DynamicOptimizedTheta,
    SeasonalExponentialSmoothingOptimized,
    SeasonalNaive,
    SeasonalWindowAverage,
    SimpleExponentialSmoothingOptimized,
    SklearnModel,
    WindowAverage,
)

from triage.trends.panel import Floats

NAIVE: Final = "seasonal_naive"
SEASON: Final = 7
"""Days of the pattern of the week."""
SHORT_STEPS: Final = 28
"""Below four weeks a pattern of the week is noise: the mean is forecast (`short`)."""
_RIDGE: Final = 10.0
"""Penalty on regressors that are 0/1 or of unit scale: about ten days' worth of evidence each."""
_SMOOTH: Final = 0.1
"""TSB's two weights; Teunter, Syntetos and Babai 2011 find 0.1 to 0.3 to make little odds."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model; `make` gives one of statsforecast's, `with_calendar` says that it takes regressors.

    `least` steps it needs, `most` it looks at: three years, before which a city was another, and
    less where time grows with length and the level moves anyway.
    """

    make: Callable[[], Any]
    least: int
    with_calendar: bool = False
    most: int = 1100


CANDIDATES: Mapping[str, Candidate] = MappingProxyType(
    {
        NAIVE: Candidate(lambda: SeasonalNaive(SEASON), SEASON),
        "average_4_weeks": Candidate(lambda: SeasonalWindowAverage(SEASON, 4), 4 * SEASON),
        "average_8_weeks": Candidate(lambda: SeasonalWindowAverage(SEASON, 8), 8 * SEASON),
        "level_56": Candidate(lambda: WindowAverage(8 * SEASON), 8 * SEASON),
        "smoothing": Candidate(lambda: SeasonalExponentialSmoothingOptimized(SEASON), 4 * SEASON),
        "calendar": Candidate(lambda: SklearnModel(Ridge(_RIDGE)), 8 * SEASON, with_calendar=True),
        "calendar_level": Candidate(lambda: _CalendarLevel(), 8 * SEASON, with_calendar=True),
        "croston": Candidate(CrostonSBA, 4 * SEASON),
        "tsb": Candidate(lambda: TSB(_SMOOTH, _SMOOTH), 4 * SEASON),
        "ets": Candidate(lambda: AutoETS(SEASON, model="ANA"), 8 * SEASON, most=400),
        "theta": Candidate(lambda: DynamicOptimizedTheta(SEASON), 8 * SEASON, most=400),
    }
)
_LIGHT: Final = (
    NAIVE,
    "average_4_weeks",
    "average_8_weeks",
    "level_56",
    "smoothing",
    "calendar",
    "calendar_level",
)
SETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sparse": (NAIVE, "average_8_weeks", "level_56", "croston", "tsb", "calendar"),
        "light": _LIGHT,
        "heavy": (*_LIGHT, "ets", "theta"),
    }
)
"""Which candidates a class of series gets."""
HEAVY_MEAN: Final = 10.0
"""Requests a day from which ETS and theta (10 to 20 ms a fit) are tried: below, counting noise
outweighs what they gain over the averages."""
SPARSE_ZEROS: Final = 0.5
"""Share of days without any from which a series is sparse."""


def class_of(y: Floats) -> str:
    """Return the class of a series, seen from its last year: sparse, light or heavy."""
    recent = y[-365:]
    if recent.size and float((recent == 0).mean()) >= SPARSE_ZEROS:
        return "sparse"
    return "heavy" if recent.size and float(recent.mean()) >= HEAVY_MEAN else "light"


def ahead(name: str, y: Floats, X: Floats, horizon: int) -> Floats:
    """Return a candidate's mean for the steps after `y`, none below 0.

    Parameters
    ----------
    y : counts, shape (t,), t at least the candidate's `least`
    X : regressors, shape (at least t + horizon, k); row 0 belongs to y[0]
    """
    candidate, end = CANDIDATES[name], len(y)
    begin = max(0, end - candidate.most)
    more = {}
    if candidate.with_calendar:
        more = {"X": X[begin:end], "X_future": X[end : end + horizon]}
    with np.errstate(divide="ignore", invalid="ignore"):  # theta of nothing but zeros: 0 / 0
        found = candidate.make().forecast(y=y[begin:], h=horizon, **more)["mean"]
    mean: Floats = np.maximum(np.nan_to_num(np.asarray(found, np.float32)), 0)
    return mean


class _CalendarLevel:
    """The calendar's regression, and on what it leaves, simple smoothing: a level that moves."""

    def forecast(
        self, y: Floats, h: int, X: Floats | None = None, X_future: Floats | None = None
    ) -> Mapping[str, Floats]:
        ridge = Ridge(_RIDGE).fit(X, y)
        left = (y - ridge.predict(X)).astype(np.float32)
        level = SimpleExponentialSmoothingOptimized().forecast(y=left, h=h)["mean"]
        return {"mean": ridge.predict(X_future) + level}
