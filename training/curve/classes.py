"""Which classes' labels would buy most: each class's share of the errors, and how fast they fall.

Within a class the error falls as a power of its own labels; the power is drawn towards that of all
classes together, for a class alone has few held-out rows. It is seen with all classes growing at
once, so what is said of one class alone is an estimate from above.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import Rows
from training.curve.points import Points

ADDED = 100
"""Labels that are thought added to one class."""
_PSEUDO = 2.0
"""Held-out rows of the overall error that each class is given beside its own."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Classes:
    """What labels of each class of a head would buy, float64 (k,) each.

    `count` of labels now, `share_of_errors`, the fitted `exponent`, and `gain`: what ADDED labels
    of the class add to the overall accuracy.
    """

    count: Floats
    share_of_errors: Floats
    exponent: Floats
    gain: Floats


def rank_classes(points: Points, head: str, rows: Rows) -> Classes:
    """Return what labels of each class would buy, measured on the given held-out rows."""
    k = next(len(one.labels) for one in points.heads if one.name == head)
    truth = points.truth[head][rows]
    rows, truth = rows[truth >= 0], truth[truth >= 0]
    held = np.bincount(truth, minlength=k).astype(np.float64)
    labels = points.labels[head]
    seen = np.array([np.bincount(_known(labels[fitted]), minlength=k) for fitted in points.rows])
    wrong = np.array(
        [np.bincount(truth[guess[head][rows] != truth], minlength=k) for guess in points.guesses]
    )
    overall = wrong.sum(axis=1, keepdims=True) / max(1, len(truth))
    error = (wrong + _PSEUDO * overall) / (held + _PSEUDO)
    exponent = _exponents(np.log(seen + 1.0), np.log(np.maximum(error, 1e-3)), held)
    count = np.bincount(_known(labels), minlength=k).astype(np.float64)
    mass = count / count.sum() * error[-1]
    fall = 1 - np.power((count + 1) / (count + 1 + ADDED), exponent)
    return Classes(count, mass / mass.sum(), exponent, mass * fall)


def _exponents(x: Floats, y: Floats, weight: Floats) -> Floats:
    """Return the falling powers (k,) of y against x (P, k), each drawn towards the common one."""
    dx, dy = x - x.mean(axis=0), y - y.mean(axis=0)
    sxx, sxy = weight * np.square(dx).sum(axis=0), weight * (dx * dy).sum(axis=0)
    common = sxy.sum() / sxx.sum()
    pull = sxx.sum() / max(1, np.count_nonzero(weight))
    falling: Floats = np.maximum(0.0, -(sxy + pull * common) / (sxx + pull))
    return falling


def _known(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    return labels[labels >= 0]
