"""Measure forecasts of single series as the job makes them.

All figures stand beside those of seasonal naive in the same run, with the same kind of intervals.
What is measured is the median, which is what an absolute error asks for; the mean is told beside.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from evaluation.forecast import Array, coverage, mase, mean_absolute, pinball, relative_error
from evaluation.rounding import ends, rounded
from training.forecast.backtest import Replay, replay
from training.forecast.candidates import SEASON
from triage.errors import InvalidRequest
from triage.request import Json
from triage.trends.panel import Floats

LEVELS: Final = (0.025, 0.1, 0.5, 0.9, 0.975)
REPORTED: Final = 12
POOLED: Final = 40
"""Origins that coverage is pooled over: 560 days said, 12 would leave it to chance."""


def refuse_short(days: int, needed: int) -> None:
    """Refuse a panel too short for the origins that are reported.

    Raises
    ------
    InvalidRequest
        days_too_few
    """
    if days < needed:
        raise InvalidRequest(
            "days_too_few", f"只有 {days} 天；这样测量至少要 {needed} 天", field="date"
        )


def series_report(y: Floats, X: Floats, *, horizon: int) -> dict[str, Json]:
    """Return the figures of one series: chosen once before the last 12, and chosen every week."""
    found: dict[str, Json] = {"days": len(y), "mean": rounded(float(y.mean())), "horizon": horizon}
    ways = {"last_12_frozen": (REPORTED, True), "last_12": (REPORTED, False),
            "last_40": (POOLED, False)}  # fmt: skip
    for name, (reported, frozen) in ways.items():
        past = replay(y, X, horizon=horizon, reported=reported, levels=LEVELS, frozen=frozen)
        found[name] = None if past is None else figures_of(past)
    return found


def figures_of(past: Replay) -> dict[str, Json]:
    """Return the measures of a replay, the choice beside seasonal naive."""
    relative = relative_error(past.truth, past.quantiles[0.5], past.naive)
    mean = relative_error(past.truth, past.mean, past.naive)
    return {
        "origins": len(past.truth),
        "members_first": "+".join(past.members[0]),
        "members_last": "+".join(past.members[-1]),
        "relative_absolute_error": rounded(relative.value),
        "interval": ends(relative),
        "relative_absolute_error_of_mean": rounded(mean.value),
        "chosen": _measures(past.truth, past.quantiles[0.5], past.quantiles, past.history),
        "seasonal_naive": _measures(past.truth, past.naive, past.naive_quantiles, past.history),
    }


def _measures(
    truth: Array, point: Array, quantiles: dict[float, NDArray[np.float64]], history: Floats
) -> dict[str, Json]:
    losses = [pinball(truth, quantiles[level], level) for level in LEVELS]
    return {
        "mean_absolute_error": rounded(mean_absolute(truth, point)),
        "mase": rounded(mase(truth, point, history, season=SEASON)),
        "pinball": rounded(float(np.mean(losses))),
        "coverage_80": rounded(coverage(truth, quantiles[0.1], quantiles[0.9])),
        "coverage_95": rounded(coverage(truth, quantiles[0.025], quantiles[0.975])),
    }
