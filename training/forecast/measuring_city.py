"""Measure forecasts level by level on a hierarchy of days, reconciled, as the job makes them.

Members are chosen once, before the first reported origin; the spread goes on learning from the
weeks that have come to their end since, as the weekly choice would have it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evaluation.forecast_levels import Said, by_level
from training.forecast.choosing import STEP, Choice
from training.forecast.forecasting import Task, choose_all, forecast_all
from training.forecast.hierarchy import Parents, Tree, reconciled, with_sums
from training.forecast.measuring import LEVELS, POOLED, REPORTED, refuse_short
from training.forecast.naive import Naive
from training.forecast.regressors import regressors_of
from training.forecast.rolling import origins_of
from training.forecast.spread import spread_of
from triage.request import Json
from triage.trends.day_kinds import Calendar
from triage.trends.panel import Floats, Panel

LEARNING: Final = 16
"""Origins that a series is chosen by here: a third of the job's, for time."""
LEAST_DAYS: Final = 400
"""Days that an origin has to see: a year, for the calendar's regression."""

Choices = Mapping[tuple[str, ...], Choice]


def city_report(
    panel: Panel,
    parents: Parents,
    calendar: Calendar,
    *,
    horizon: int,
    jobs: int,
    progress: Callable[[int], object] = lambda _: None,
) -> dict[str, Json]:
    """Return the figures by level over the last 12 origins, and over the last 40.

    Raises
    ------
    InvalidRequest
        days_too_few: not even 12, with those before them that naive's intervals come from.
    """
    overlap = -(-horizon // STEP)
    refuse_short(panel.steps, LEAST_DAYS + horizon + STEP * (REPORTED + overlap - 1))
    tree = with_sums(panel, parents)
    whole = tree.panel
    X = regressors_of(whole, horizon, calendar)
    task = Task(X, horizon, LEVELS, jobs)
    count = POOLED + LEARNING + overlap
    origins = origins_of(whole.steps, horizon=horizon, step=STEP, count=count, least=LEAST_DAYS)
    begin = max(0, len(origins) - max(REPORTED, min(POOLED, len(origins) - LEARNING - overlap)))
    known = whole.upto(int(origins[begin]))
    choices = chosen_before(known, task, progress)
    said = _said(tree, choices, task, origins, begin, progress)
    scales = Naive(whole, STEP).scales(int(origins[begin]))
    parts = {f"last_{n}": said[-n:] for n in (REPORTED, POOLED)}
    return {
        "series": len(whole.ids),
        **{
            name: {"origins": len(part), "levels": by_level(tree.levels, part, scales)}
            for name, part in parts.items()
        },
    }


def chosen_before(panel: Panel, task: Task, progress: Callable[[int], object]) -> Choices:
    """Return a choice for every series of a panel of days, from its last `LEARNING` origins."""
    every = range(len(panel.ids))
    found = choose_all(panel, every, task, count=LEARNING, progress=progress)
    return {panel.ids[i]: choice for i, choice in found}


def _said(
    tree: Tree,
    choices: Choices,
    task: Task,
    origins: Sequence[int] | NDArray[np.int64],
    begin: int,
    progress: Callable[[int], object],
) -> list[Said]:
    """Return what was said at the origins from `begin` on; those before teach the spread."""
    whole, h = tree.panel, task.horizon
    task = replace(task, jobs=1)  # starting processes at each origin costs more than it saves
    naive = Naive(whole, STEP)
    overlap = -(-h // STEP)
    bases: list[Floats] = []
    said = []
    for row, origin in enumerate(map(int, origins)):
        finished = max(0, row - overlap + 1)
        now = _spread(whole, choices, origins[:finished], bases[:finished])
        base = forecast_all(whole.upto(origin), now, task, progress=progress)
        bases.append(base.mean)
        if row < begin:
            continue
        ahead = reconciled(tree, base)
        past = [int(one) for one in origins[:finished]]
        said.append(
            Said(
                whole.counts[:, origin : origin + h],
                ahead.mean,
                ahead.quantiles,
                naive.ahead(origin, h),
                naive.quantiles(origin, h, past, LEVELS),
            )
        )
    return said


def _spread(
    whole: Panel, choices: Choices, origins: NDArray[np.int64] | Sequence[int], bases: list[Floats]
) -> Choices:
    """Return the choices with the spread of what was said at these origins."""
    if len(bases) < LEARNING:
        return choices
    h = bases[0].shape[1]
    truth = np.stack([whole.counts[:, int(one) : int(one) + h] for one in origins], axis=1)
    means = np.stack(bases, axis=1)
    return {
        key: replace(choices[key], grid=tuple(spread_of(truth[i], means[i])))
        for i, key in enumerate(whole.ids)
    }
