"""Curves of accuracy and macro-F1 with a fitted law, and intervals by resampling.

A resample draws held-out rows and seeds anew and refits: it holds the noise of the test fold and of
which requests happened to be labelled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import SEED, Rows
from evaluation.metrics import accuracy, macro_f1
from training.curve.classes import Classes, rank_classes
from training.curve.points import Points
from training.curve.power_law import PowerLaw, fit_power_law

METRICS = ("accuracy", "macro_f1")
MORE = 1_000
"""Labels, drawn like the present ones, whose worth is stated."""
RESAMPLES = 200

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Span:
    """A figure with the ends of its 95 % interval; arrays of one shape, or numbers."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Curve:
    """One figure of one head against the number of labels.

    `sizes` (S,) and `figure` the mean over seeds at each; `grid` (G,) and `fitted` the law on it;
    `gain`: what MORE labels add to all `n`.
    """

    head: str
    metric: str
    n: int
    sizes: Floats
    figure: Span
    law: PowerLaw
    grid: Floats
    fitted: Span
    gain: Span


def curve(points: Points, head: str, metric: str) -> Curve:
    """Return a figure against the number of labels, with the law fitted to it."""
    k = next(len(one.labels) for one in points.heads if one.name == head)
    sizes = _sizes(points)
    n = int((points.labels[head] >= 0).sum())
    grid = np.geomspace(sizes[0], n + MORE, 60)
    everything = np.arange(len(points.truth[head]))
    figure = _figures(points, head, metric, k, everything, np.unique(points.seed))
    law = fit_power_law(sizes.astype(np.int64), 1 - figure)
    drawn = [
        _figures(points, head, metric, k, rows, seeds) for rows, seeds in _resamples(points, head)
    ]
    laws = [fit_power_law(sizes.astype(np.int64), 1 - one) for one in drawn]
    return Curve(
        head, metric, n, sizes,
        _span(figure, np.array(drawn)),
        law, grid,
        _span(1 - law.error(grid), np.array([1 - one.error(grid) for one in laws])),
        _span(_gain(law, n), np.array([_gain(one, n) for one in laws])),
    )  # fmt: skip


def classes(points: Points, head: str) -> tuple[Classes, Span]:
    """Return the worth of each class's labels, and the gain of each with its interval, (k,)."""
    found = rank_classes(points, head, np.arange(len(points.truth[head])))
    drawn = [rank_classes(points, head, rows).gain for rows, _ in _resamples(points, head)]
    return found, _span(found.gain, np.array(drawn))


def _sizes(points: Points) -> Floats:
    """Return the mean size of each step, float64 (S,): steps of a seed differ by a group."""
    per_seed = points.sizes[:-1].reshape(-1, _steps(points))
    return np.append(per_seed.mean(axis=0), points.sizes[-1]).astype(np.float64)


def _steps(points: Points) -> int:
    return int((points.seed[:-1] == 0).sum())


def _figures(
    points: Points, head: str, metric: str, k: int, rows: Rows, seeds: NDArray[np.int64]
) -> Floats:
    """Return the figure at each size on the given rows, mean over the given seeds, (S,)."""
    truth = points.truth[head][rows]
    rows, truth = rows[truth >= 0], truth[truth >= 0]
    steps = _steps(points)
    values = np.array(
        [_figure(metric, truth, guess[head][rows].astype(np.int64), k) for guess in points.guesses]
    )
    chosen = np.unique(seeds, return_counts=True)
    by_seed = values[:-1].reshape(-1, steps)[chosen[0]]
    return np.append(np.average(by_seed, axis=0, weights=chosen[1]), values[-1])


def _figure(metric: str, truth: NDArray[np.int64], guess: NDArray[np.int64], k: int) -> float:
    return accuracy(truth, guess) if metric == "accuracy" else macro_f1(truth, guess, k)


def _resamples(points: Points, head: str) -> list[tuple[Rows, NDArray[np.int64]]]:
    rng = np.random.default_rng(SEED)
    labelled = np.flatnonzero(points.truth[head] >= 0)
    seeds = int(points.seed.max()) + 1
    return [
        (rng.choice(labelled, len(labelled)), rng.integers(0, seeds, seeds))
        for _ in range(RESAMPLES)
    ]


def _gain(law: PowerLaw, n: int) -> Floats:
    return law.error(float(n)) - law.error(float(n + MORE))


def _span(value: Floats, drawn: Floats) -> Span:
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return Span(value, low, high)
