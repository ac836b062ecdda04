"""Measure forecasts by the hour level by level, reconciled, beside last week's same hours.

Origins lie five days apart, so that all days of the week begin one. Days are chosen for once,
before the first origin; tide and spread are those of each origin, as in the job.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from evaluation.forecast_levels import Said, by_level
from training.forecast.forecasting import Task
from training.forecast.hierarchy import Parents, Tree, plain, reconciled, with_sums
from training.forecast.hourly import HOURS, days_of, forecast_hours
from training.forecast.measuring import LEVELS, POOLED, REPORTED, refuse_short
from training.forecast.measuring_city import Choices, chosen_before
from training.forecast.naive import Naive
from training.forecast.regressors import regressors_of
from training.forecast.rolling import origins_of
from triage.request import Json
from triage.trends.day_kinds import Calendar
from triage.trends.panel import Panel

EVERY_DAYS: Final = 5
WEEK: Final = 7 * HOURS
CHOICE_DAYS: Final = 14
"""The horizon that days are chosen by, as in `triage forecast select`."""
LEAST_DAYS: Final = 112
"""Days before the first origin: two months for the tide and its errors, two to choose by."""


def hours_report(
    panel: Panel,
    parents: Parents,
    calendar: Calendar,
    *,
    horizon: int,
    progress: Callable[[int], object] = lambda _: None,
) -> dict[str, Json]:
    """Return the figures by level over the last 12 origins, and over the last 40.

    Parameters
    ----------
    panel : by the hour, from midnight on

    Raises
    ------
    InvalidRequest
        days_too_few: not even 12.
    """
    needed = LEAST_DAYS + -(-horizon // HOURS) + EVERY_DAYS * (REPORTED - 1)
    refuse_short(panel.steps // HOURS, needed)
    tree = with_sums(panel, parents) if panel.columns else plain(panel)
    whole = tree.panel
    origins = origins_of(
        whole.steps // HOURS * HOURS,
        horizon=horizon,
        step=EVERY_DAYS * HOURS,
        count=POOLED,
        least=LEAST_DAYS * HOURS,
    )
    origins = origins // HOURS * HOURS
    days = days_of(whole.upto(int(origins[0])))
    task = Task(regressors_of(days, CHOICE_DAYS, calendar), CHOICE_DAYS, ())
    choices = chosen_before(days, task, progress)
    said = [_said(tree, choices, calendar, int(one), horizon, progress) for one in origins]
    scales = Naive(whole, WEEK).scales(int(origins[0]))
    report: dict[str, Json] = {"series": len(whole.ids), "horizon": horizon}
    for n in (REPORTED, POOLED):
        part = said[-n:]
        levels = by_level(tree.levels, part, scales)
        report[f"last_{n}"] = {"origins": len(part), "levels": levels}
    return report


def _said(
    tree: Tree,
    choices: Choices,
    calendar: Calendar,
    origin: int,
    horizon: int,
    progress: Callable[[int], object],
) -> Said:
    whole = tree.panel
    base = forecast_hours(
        whole.upto(origin), choices, calendar, horizon=horizon, levels=LEVELS, progress=progress
    )
    ahead = reconciled(tree, base)
    naive = Naive(whole, WEEK)
    past = [one for one in range(origin - 8 * WEEK, origin - horizon + 1, WEEK) if one >= WEEK]
    return Said(
        np.asarray(whole.counts[:, origin : origin + horizon]),
        ahead.mean,
        ahead.quantiles,
        naive.ahead(origin, horizon),
        naive.quantiles(origin, horizon, past, LEVELS),
    )
