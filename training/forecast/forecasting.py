"""Forecast all series of a panel with their stored choices, on several cores, in bounded memory.

A series without a choice gets one on the spot from a few origins. Reconciliation and what becomes
of the numbers are not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from training.forecast.candidates import ahead
from training.forecast.choosing import ENDED, ORIGINS, SHORT, ZERO, Choice, choose, still_fits
from training.forecast.spread import at_level
from triage.trends.panel import Floats, Panel

BATCH: Final = 100
"""Series that a process is handed at once: half a megabyte, a second or two of work."""
CHOICE_BATCH: Final = 20
"""The same for choices, which take twenty times as long: what a stopped run loses of its work."""
WORTH_PROCESSES: Final = 4
"""Batches from which other processes pay for their start (three seconds each)."""
QUICK_ORIGINS: Final = 8
"""Origins of a choice that is made on the spot: two months."""

Found = TypeVar("Found")
_Work: TypeAlias = tuple[Floats, int, "Choice | None"]
"""Counts from a series' start on, that start, its choice."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """Forecasts of the n series of a panel: `mean` (n, h), `quantiles[level]` (n, h), `models`."""

    mean: Floats
    quantiles: dict[float, NDArray[np.float64]]
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """What every series is forecast for; `X` (T + horizon, k) are the regressors of the panel."""

    X: Floats
    horizon: int
    levels: tuple[float, ...]
    jobs: int = 1
    origins: int = QUICK_ORIGINS


def forecast_all(
    panel: Panel,
    choices: Mapping[tuple[str, ...], Choice],
    task: Task,
    *,
    progress: Callable[[int], object] = lambda _: None,
) -> Ahead:
    """Forecast the `task.horizon` days after the panel's last; `progress` is told of series."""
    work: list[_Work] = [
        (panel.series(i), int(panel.start[i]), choices.get(key)) for i, key in enumerate(panel.ids)
    ]
    rows = list(_each(work, task, _forecast, progress, BATCH))
    mean = np.array([row[0] for row in rows], np.float32).reshape(len(rows), task.horizon)
    quantiles = {
        level: np.array([row[1][at] for row in rows]).reshape(mean.shape)
        for at, level in enumerate(task.levels)
    }
    return Ahead(mean, quantiles, tuple(row[2] for row in rows))


def choose_all(
    panel: Panel,
    wanted: Sequence[int],
    task: Task,
    *,
    count: int = ORIGINS,
    progress: Callable[[int], object] = lambda _: None,
) -> Iterator[tuple[int, Choice]]:
    """Yield series (by place in the panel) and choice, by `count` origins, batch after batch."""
    task = replace(task, origins=count)
    work: list[_Work] = [(panel.series(i), int(panel.start[i]), None) for i in wanted]
    found = _each(work, task, _choose, progress, CHOICE_BATCH)
    yield from zip(wanted, found, strict=True)


def _each(
    work: list[_Work],
    task: Task,
    do: Callable[[_Work, Task], Found],
    progress: Callable[[int], object],
    size: int,
) -> Iterator[Found]:
    """Yield `do(one, task)` of each, in order; in processes where there is enough of it."""
    batches = [work[i : i + size] for i in range(0, len(work), size)]
    if task.jobs == 1 or len(batches) < WORTH_PROCESSES:
        for batch in batches:
            for one in batch:
                yield do(one, task)
                progress(1)
        return
    with ProcessPoolExecutor(
        task.jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=(task, do)
    ) as pool:
        for batch, found in zip(batches, pool.map(_batch, batches), strict=True):
            yield from found
            progress(len(batch))


_own: list[tuple[Task, Callable[[_Work, Task], Any]]] = []
"""What a process works on, given once when it starts."""


def _begin(task: Task, do: Callable[[_Work, Task], object]) -> None:
    _own.append((task, do))


def _batch(batch: list[_Work]) -> list[Any]:
    task, do = _own[0]
    return [do(one, task) for one in batch]


def _choose(one: _Work, task: Task) -> Choice:
    y, start, _ = one
    return choose(y, task.X[start:], horizon=task.horizon, count=task.origins)


def _forecast(one: _Work, task: Task) -> tuple[Floats, list[NDArray[np.float64]], str]:
    y, start, choice = one
    X = task.X[start:]
    if choice is None or not still_fits(choice, y):
        choice = choose(y, X, horizon=task.horizon, count=task.origins)
    mean = _mean(y, X, choice, task.horizon)
    if choice.members[0] in (ZERO, ENDED):
        return mean, [np.zeros(task.horizon) for _ in task.levels], choice.model
    grid = np.array(choice.grid)
    return mean, [at_level(mean, grid, level) for level in task.levels], choice.model


def _mean(y: Floats, X: Floats, choice: Choice, horizon: int) -> Floats:
    if choice.members[0] in (ZERO, ENDED):
        return np.zeros(horizon, np.float32)
    if choice.members == (SHORT,):
        return np.full(horizon, y.mean() if len(y) else 0.0, np.float32)
    means = [ahead(name, y, X, horizon) for name in choice.members]
    found: Floats = np.mean(means, axis=0)
    return found
