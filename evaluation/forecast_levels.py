"""Figures of many series by level of a hierarchy, each beside seasonal naive's in the same run.

What was said at an origin is a `Said`; errors of a level are added up over its series, so that the
large ones count as they do on the desk. Intervals draw origins, both forecasts together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.forecast import Array, coverage, pinball, relative_of_sums
from evaluation.rounding import ends, rounded
from triage.request import Json


@dataclass(frozen=True, slots=True)
class Said:
    """What was said at one origin and what came: arrays (n, h), quantiles by level in (0, 1)."""

    truth: Array
    mean: Array
    quantiles: Mapping[float, Array]
    naive: Array
    naive_quantiles: Mapping[float, Array]


def by_level(levels: Sequence[str], said: Sequence[Said], scales: Array) -> dict[str, Json]:
    """Return the figures of each level, in the order in which they first occur.

    Parameters
    ----------
    levels : the level of each of the n series
    scales : (n,), the error of seasonal naive on each history, by which MASE divides
    """
    found: dict[str, Json] = {}
    for level in dict.fromkeys(levels):
        rows = np.array([one == level for one in levels])
        found[level] = _figures([_of(one, rows) for one in said], scales[rows])
    return found


def _of(one: Said, rows: Array) -> Said:
    return Said(
        one.truth[rows],
        one.mean[rows],
        {level: values[rows] for level, values in one.quantiles.items()},
        one.naive[rows],
        {level: values[rows] for level, values in one.naive_quantiles.items()},
    )


def _figures(said: Sequence[Said], scales: Array) -> dict[str, Json]:
    naive = _errors(said, [one.naive for one in said])
    own = _errors(said, [one.quantiles[0.5] for one in said])
    mean = _errors(said, [one.mean for one in said])
    relative = relative_of_sums(own.sum(axis=1), naive.sum(axis=1))
    of_mean = relative_of_sums(mean.sum(axis=1), naive.sum(axis=1))
    steps = said[0].truth.shape[1]
    return {
        "series": len(scales),
        "relative_absolute_error": rounded(relative.value),
        "interval": ends(relative),
        "relative_absolute_error_of_mean": rounded(of_mean.value),
        "chosen": _measures(said, [one.quantiles for one in said], own, scales, steps),
        "seasonal_naive": _measures(
            said, [one.naive_quantiles for one in said], naive, scales, steps
        ),
    }


def _errors(said: Sequence[Said], points: Sequence[Array]) -> Array:
    """Return absolute errors (k, n), added up over the horizon."""
    return np.stack(
        [np.abs(one.truth - point).sum(axis=1) for one, point in zip(said, points, strict=True)]
    )


def _measures(
    said: Sequence[Said],
    quantiles: Sequence[Mapping[float, Array]],
    errors: Array,
    scales: Array,
    steps: int,
) -> dict[str, Json]:
    truth = np.concatenate([one.truth for one in said])
    whole = {q: np.concatenate([one[q] for one in quantiles]) for q in quantiles[0]}
    known = scales > 0
    mases = errors.mean(axis=0)[known] / steps / scales[known]
    return {
        "mase": rounded(float(mases.mean())) if known.any() else None,
        "pinball": rounded(float(np.mean([pinball(truth, whole[q], q) for q in whole]))),
        "coverage_80": rounded(coverage(truth, whole[0.1], whole[0.9])),
        "coverage_95": rounded(coverage(truth, whole[0.025], whole[0.975])),
    }
