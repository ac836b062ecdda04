"""Hours out of days: the day's forecast laid over the tide of the day, and its own spread.

The tide is the share of each hour on days of the same kind (worked or not) in the last eight weeks,
drawn towards that of all series together where a series is small. Weekly origins of those weeks
give the errors that the quantiles come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.forecast.candidates import SHORT_STEPS
from training.forecast.choosing import Choice
from training.forecast.forecasting import Ahead, Task, forecast_all
from training.forecast.regressors import regressors_of
from training.forecast.spread import at_level, poisson_like, spread_of
from triage.errors import InvalidRequest
from triage.trends.day_kinds import Calendar
from triage.trends.panel import DAILY, Floats, Panel

HOURS: Final = 24
WEEKS: Final = 8
"""Weeks that the tide and the errors are taken from: long enough for the small hours, short enough
for summer to differ from winter."""
PRIOR: Final = 50.0
"""Requests' worth of the common tide that is added to a series' own."""


def days_of(panel: Panel) -> Panel:
    """Return the whole days of an hourly panel that begins at midnight or is cut to do so.

    Raises
    ------
    InvalidRequest
        hours_too_few: fewer than four weeks of them. covariate_hourly: covariates are of days.
    """
    if panel.covariates:
        raise InvalidRequest(
            "covariate_hourly", "按小时预测不能带 --covariates；请去掉，或改用每日的数"
        )
    skip = -panel.first.hour % HOURS
    whole = (panel.steps - skip) // HOURS
    if whole < SHORT_STEPS:
        raise InvalidRequest(
            "hours_too_few",
            f"只有 {max(whole, 0)} 个整天；按小时预测至少要 {SHORT_STEPS} 天",
            field="date",
        )
    cut = panel.counts[:, skip : skip + whole * HOURS]
    counts = cut.reshape(len(panel.ids), whole, HOURS).sum(axis=2)
    start = np.maximum(0, -(-(panel.start - skip) // HOURS))
    first = panel.first + timedelta(hours=skip)
    return Panel(DAILY, panel.columns, panel.ids, first, counts, np.minimum(start, whole))


def forecast_hours(
    panel: Panel,
    choices: Mapping[tuple[str, ...], Choice],
    calendar: Calendar,
    *,
    horizon: int,
    levels: tuple[float, ...],
    progress: Callable[[int], object] = lambda _: None,
) -> Ahead:
    """Forecast the `horizon` hours after the last of an hourly panel."""
    days = days_of(panel)
    skip = -panel.first.hour % HOURS
    gone = panel.steps - skip - days.steps * HOURS
    ahead_days = -(-(gone + horizon) // HOURS)
    X = regressors_of(days, ahead_days, calendar)
    ahead = forecast_all(days, choices, Task(X, ahead_days, (), 1), progress=progress)
    hours = panel.counts[:, skip : skip + days.steps * HOURS].reshape(len(panel.ids), -1, HOURS)
    worked = np.array([calendar.is_working_day(days.day(t)) for t in range(len(X))])
    mean = _laid(ahead.mean, _tides(hours, worked[: days.steps]), worked[days.steps :])
    window = slice(gone, gone + horizon)
    grids = _grids(hours, worked[: days.steps])
    quantiles = {level: at_level(mean, grids, level)[:, window] for level in levels}
    return Ahead(mean[:, window], quantiles, tuple(f"{name}@tide" for name in ahead.models))


def _tides(hours: Floats, worked: NDArray[np.bool_]) -> Floats:
    """Return shares (n, 2, 24) of the hours: on days off and on days worked."""
    recent, kinds = hours[:, -WEEKS * 7 :], worked[-WEEKS * 7 :]
    tides = np.zeros((len(hours), 2, HOURS), np.float32)
    for kind in (0, 1):
        own = recent[:, kinds == kind].sum(axis=1)
        common = own.sum(axis=0) + 1.0
        mixed = own + PRIOR * common / common.sum()
        tides[:, kind] = mixed / mixed.sum(axis=1, keepdims=True)
    return tides


def _laid(days: Floats, tides: Floats, worked: NDArray[np.bool_]) -> Floats:
    """Return means by hour (n, days * 24)."""
    shares = tides[:, worked.astype(int)]
    found: Floats = (days[:, :, None] * shares).reshape(len(days), -1)
    return found


def _grids(hours: Floats, worked: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the quantiles of scaled errors of each series (n, grid), from weekly origins.

    A day's forecast is here the mean of the same weekday in the four weeks before: the error of
    the day and that of the hour are both in it.
    """
    total = hours.shape[1]
    truths, means = [], []
    for origin in range(max(SHORT_STEPS, total - WEEKS * 7), total - 6, 7):
        before = hours[:, origin - SHORT_STEPS : origin].sum(axis=2)
        week = before.reshape(len(hours), 4, 7).mean(axis=1)
        tides = _tides(hours[:, :origin], worked[:origin])
        means.append(_laid(week, tides, worked[origin : origin + 7]))
        truths.append(hours[:, origin : origin + 7].reshape(len(hours), -1))
    if not truths:
        return np.array([poisson_like()] * len(hours))
    truth, mean = np.stack(truths, axis=1), np.stack(means, axis=1)
    return np.array([spread_of(t, m) for t, m in zip(truth, mean, strict=True)])
