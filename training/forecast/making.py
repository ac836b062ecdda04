"""From a panel to the rows of a forecast: choices, forecasts, sums that add up, columns.

The one place that knows the order. Where the rows go is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from training.forecast.choices_file import Choices
from training.forecast.forecasting import Ahead, Task, forecast_all
from training.forecast.hierarchy import Tree, plain, reconciled, with_sums
from training.forecast.hourly import forecast_hours
from training.forecast.inputs import Wanted
from training.forecast.regressors import regressors_of
from triage.trends.day_kinds import Calendar
from triage.trends.forecasts import ForecastFacts
from triage.trends.panel import DAILY, HOURLY, Panel

LIBRARIES: Final = ("statsforecast", "hierarchicalforecast", "scikit-learn", "citizen-triage")
_OLD_DAYS: Final = 30
"""Counts that end so long ago are forecast from their end all the same, and that is said."""


@dataclass(frozen=True, slots=True)
class Make:
    """How to forecast: steps ahead, intervals in percent, processes, whether sums are wanted."""

    horizon: int
    levels: tuple[float, ...]
    jobs: int
    sums: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """A forecast as it is stored, and the panel (sums included) that it is of."""

    facts: ForecastFacts
    rows: pl.DataFrame
    panel: Panel


def make_forecast(
    wanted: Wanted,
    folder: Path,
    calendar: Calendar,
    make: Make,
    *,
    progress: Callable[[int], object] = lambda _: None,
) -> Made:
    """Forecast the panel; choices are read from `folder`.

    Raises
    ------
    InvalidRequest
        The panel is too short by the hour.
    ArtifactError
        Stored choices are damaged.
    """
    tree = with_sums(wanted.panel, wanted.parents) if make.sums else plain(wanted.panel)
    choices = Choices(folder, DAILY, tree.panel.columns).known()
    quantiles = tuple(sorted({0.5, *(q for one in make.levels for q in _ends(one))}))
    if tree.panel.grain == HOURLY:
        ahead = forecast_hours(
            tree.panel, choices, calendar,
            horizon=make.horizon, levels=quantiles, progress=progress,
        )  # fmt: skip
    else:
        X = regressors_of(tree.panel, make.horizon, calendar)
        task = Task(X, make.horizon, quantiles, make.jobs)
        ahead = forecast_all(tree.panel, choices, task, progress=progress)
    rows = _rows(tree, reconciled(tree, ahead), make)
    return Made(_facts(tree.panel, make, _notes(tree.panel, make.now)), rows, tree.panel)


def _ends(level: float) -> tuple[float, float]:
    """Return the quantiles at the ends of an interval of `level` percent."""
    return round(0.5 - level / 200, 6), round(0.5 + level / 200, 6)


def _rows(tree: Tree, ahead: Ahead, make: Make) -> pl.DataFrame:
    panel, h = tree.panel, make.horizon
    labels = [panel.label(panel.steps + step) for step in range(h)]
    n = len(panel.ids)
    columns: dict[str, object] = {"level": np.repeat(np.array(tree.levels, object), h)}
    for place, name in enumerate(panel.columns):
        columns[name] = np.repeat(np.array([key[place] for key in panel.ids], object), h)
    columns["date"] = labels * n
    columns["mean"] = ahead.mean.ravel().astype(np.float64)
    columns["median"] = ahead.quantiles[0.5].ravel()
    for level in make.levels:
        for word, end in zip(("lo", "hi"), _ends(level), strict=True):
            columns[f"{word}-{level:g}"] = ahead.quantiles[end].ravel()
    columns["model"] = np.repeat(np.array(ahead.models, object), h)
    texts = ("level", *panel.columns, "date", "model")
    rows = pl.DataFrame(columns, schema_overrides=dict.fromkeys(texts, pl.String))
    return rows.with_columns(pl.selectors.float().round(3))


def _facts(panel: Panel, make: Make, notes: tuple[str, ...]) -> ForecastFacts:
    return ForecastFacts(
        grain=panel.grain,
        columns=panel.columns,
        horizon=make.horizon,
        levels=make.levels,
        known_until=panel.label(panel.steps - 1),
        made_at=make.now.isoformat(timespec="seconds"),
        series=len(panel.ids),
        versions={name: version(name) for name in LIBRARIES},
        notes=notes,
    )


def _notes(panel: Panel, now: datetime) -> tuple[str, ...]:
    age = (now.date() - panel.day(panel.steps - 1)).days
    if age <= _OLD_DAYS:
        return ()
    return (f"数据止于 {panel.day(panel.steps - 1)}，已过 {age} 天：预测从那以后开始，不是从今天",)
