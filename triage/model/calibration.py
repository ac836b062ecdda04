"""Scores of all heads → calibrated probabilities, with what the heads say of each other taken in.

Logits are a weighted sum of a few shapes of a head's own scores (separators trained by margin are
too sure in the middle and too timid at the ends) and, for each linked multiclass head, the log of
the label distribution which that head's probabilities expect here. Weights are fitted on held-out
folds by `training.calibrate`; this module only applies them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FLOOR = 1e-4
"""Least probability of an expectation: no other head can rule a label out by itself."""
SHAPES = 3
"""How many shapes of a head's own scores are weighed; see `basis`."""

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Link:
    """What head `source` expects here: `table` float32 (k_source, k), P(column | source label)."""

    source: str
    table: Array


@dataclass(frozen=True, slots=True)
class Calibration:
    """Fitted numbers of one head: `weights` float32 (3 + links, k), `offset` float32 (k,)."""

    weights: Array
    offset: Array
    links: tuple[Link, ...] = ()

    def logits(self, scores: Array, first: Mapping[str, Array]) -> Array:
        """Return logits (n, k); `first` holds the linked heads' own probabilities."""
        logits: Array = self.offset + self.weights[0] * scores
        shapes = zip(self.weights[1:], basis(scores, self.links, first)[1:], strict=True)
        for weight, shape in shapes:
            logits += weight * shape
        return logits


def basis(scores: Array, links: Sequence[Link], first: Mapping[str, Array]) -> list[Array]:
    """Return the shapes that are weighed: s, max(0, 1 + s)^2, max(0, s), then one per link."""
    return [
        scores,
        np.square(np.maximum(1 + scores, 0)),
        np.maximum(scores, 0),
        *(expectation(first[link.source], link.table) for link in links),
    ]


def expectation(source: Array, table: Array) -> Array:
    """Return log of what probabilities (n, k_source) expect through a table (k_source, k)."""
    expected: Array = np.log(np.maximum(source @ table, np.float32(FLOOR)))
    return expected


def softmax(logits: Array) -> Array:
    """Return row-wise softmax, float32 (n, k), rows summing to 1."""
    raised: Array = np.exp(logits - logits.max(axis=1, keepdims=True))
    raised /= raised.sum(axis=1, keepdims=True)
    return raised


def sigmoid(logits: Array) -> Array:
    """Return the logistic function, float32 of the same shape, without overflow."""
    result: Array = np.float32(0.5) * (1 + np.tanh(np.float32(0.5) * logits))
    return result


def ordinal(cumulative: Array) -> Array:
    """Return level probabilities from P(level ≤ j), made monotone: (n, L-1) → (n, L)."""
    edges = np.zeros((len(cumulative), cumulative.shape[1] + 2), np.float32)
    np.maximum.accumulate(cumulative, axis=1, out=edges[:, 1:-1])
    edges[:, -1] = 1
    levels: Array = edges[:, 1:] - edges[:, :-1]
    return levels
