"""Regressors of the days: weekday, kind of day (holidays, 调休), the season of the year, weather.

One matrix for all series, the horizon included. Columns are 0/1 or of unit scale, so that one
penalty fits them all.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import numpy as np

from triage.errors import InvalidRequest
from triage.trends.day_kinds import Calendar, DayKind, kind_of
from triage.trends.panel import Floats, Panel

_YEAR: Final = 365.25
_WAVES: Final = 2
"""Pairs of sine and cosine over the year: the half-year's wave is the shortest the data bear."""


def regressors_of(panel: Panel, horizon: int, calendar: Calendar) -> Floats:
    """Return the matrix (T + horizon, k) of a daily panel.

    Raises
    ------
    InvalidRequest
        covariate_short: a covariate is not known for the whole horizon.
    """
    first = panel.first.date()
    days = [first + timedelta(days=step) for step in range(panel.steps + horizon)]
    weekday = np.array([day.weekday() for day in days])
    kinds = np.array([int(kind_of(day, calendar)) for day in days])
    columns = [weekday == one for one in range(1, 7)]
    columns += [kinds == kind for kind in DayKind if kind is not DayKind.WORKDAY]
    turn = np.array([day.timetuple().tm_yday for day in days]) * 2 * np.pi / _YEAR
    for wave in range(1, _WAVES + 1):
        columns += [np.sin(wave * turn), np.cos(wave * turn)]
    for name, values in panel.covariates.items():
        if len(values) < len(days):
            message = f"列 {name} 只到 {panel.label(len(values) - 1)}，预测到 {days[-1]}；请补上"
            raise InvalidRequest("covariate_short", message, field=name)
        scale = float(np.std(values[: panel.steps])) or 1.0
        columns.append((values[: len(days)] - np.mean(values[: panel.steps])) / scale)
    return np.column_stack(columns).astype(np.float32)
