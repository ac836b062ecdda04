"""Measure forecasts as the job makes them: on single series, and level by level on a hierarchy.

All figures stand beside those of seasonal naive in the same run, with the same kind of intervals.
What is measured is the median, which is what an absolute error asks for; the mean is told beside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evaluation.forecast import Array, coverage, mase, mean_absolute, pinball, relative_error
from evaluation.rounding import ends, rounded
from training.forecast.backtest import Replay, replay
from training.forecast.candidates import NAIVE, SEASON, ahead
from training.forecast.choosing import STEP, Choice
from training.forecast.forecasting import Task, choose_all, forecast_all
from training.forecast.hierarchy import Parents, reconciled, with_sums
from training.forecast.regressors import regressors_of
from training.forecast.rolling import origins_of
from triage.request import Json
from triage.trends.day_kinds import Calendar
from triage.trends.panel import Floats, Panel

LEVELS: Final = (0.025, 0.1, 0.5, 0.9, 0.975)
REPORTED: Final = 12
POOLED: Final = 40
"""Origins that coverage is pooled over: 560 days said, 12 would leave it to chance."""
LEARNING_CITY: Final = 16
"""Origins that a series of the hierarchy is chosen by here: a third of the job's, for time."""


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


def city_report(
    panel: Panel,
    parents: Parents,
    calendar: Calendar,
    *,
    horizon: int,
    jobs: int,
    progress: Callable[[int], object] = lambda _: None,
) -> dict[str, Json]:
    """Return relative errors by level of the hierarchy, reconciled, over the last 12 origins."""
    tree = with_sums(panel, parents)
    whole = tree.panel
    X = regressors_of(whole, horizon, calendar)
    task = Task(X, horizon, (0.5,), jobs)
    origins = origins_of(whole.steps, horizon=horizon, step=STEP, count=REPORTED, least=400)
    known = whole.upto(int(origins[0]))
    every = range(len(whole.ids))
    choices: dict[tuple[str, ...], Choice] = {
        whole.ids[i]: choice
        for i, choice in choose_all(known, every, task, count=LEARNING_CITY, progress=progress)
    }
    errors: list[NDArray[np.float64]] = []
    for origin in origins:
        before = whole.upto(int(origin))
        said = reconciled(tree, forecast_all(before, choices, task, progress=progress))
        truth = whole.counts[:, origin : origin + horizon]
        naive = np.stack([_naive(before.series(i), X, horizon) for i in every])
        one = (said.quantiles[0.5], said.mean, naive)
        errors.append(np.stack([np.abs(truth - guess).sum(axis=1) for guess in one]))
    return _by_level(tree.levels, np.sum(errors, axis=0), len(origins))


def _by_level(levels: Sequence[str], errors: NDArray[np.float64], origins: int) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for level in dict.fromkeys(levels):
        rows = np.array([one == level for one in levels])
        median, mean, naive = errors[:, rows].sum(axis=1)
        found[level] = {
            "series": int(rows.sum()),
            "relative_absolute_error": rounded(median / naive) if naive else None,
            "relative_absolute_error_of_mean": rounded(mean / naive) if naive else None,
        }
    return {"origins": origins, "series": len(levels), "levels": found}


def _naive(y: Floats, X: Floats, horizon: int) -> Floats:
    if len(y) < SEASON:
        return np.zeros(horizon, np.float32)
    return ahead(NAIVE, y, X, horizon)


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
