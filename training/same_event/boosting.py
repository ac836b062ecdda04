"""Fit boosted trees that may only speak the way a number can speak, and export them as tables.

scikit-learn's histogram gradient boosting with monotone constraints; several seeds are averaged.
What is kept of it is plain arrays (`triage.same_event.trees`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from triage.model.encoder import Floats
from triage.same_event.trees import Trees

RATE = 0.06
"""Learning rate, with about a hundred trees; a usual value, not searched."""


@dataclass(frozen=True, slots=True)
class Shape:
    """`rounds` of boosting, `leaves` a tree, at least `least` pairs a leaf, `seeds` averaged."""

    rounds: int = 100
    leaves: int = 8
    least: int = 15
    seeds: int = 3


def fit_trees(
    features: Floats, is_so: NDArray[np.bool_], shape: Shape, signs: Sequence[int]
) -> Trees:
    """Return the trees whose sum is the log-odds that a pair `is_so`; features (n, k).

    `signs` say which way each number may speak, as `triage.same_event.pair_features.SIGNS`.
    """
    models = [
        HistGradientBoostingClassifier(
            max_iter=shape.rounds,
            learning_rate=RATE,
            max_leaf_nodes=shape.leaves,
            min_samples_leaf=shape.least,
            l2_regularization=1.0,
            max_features=0.25,
            monotonic_cst=list(signs),
            early_stopping=False,
            random_state=seed,
        ).fit(features, is_so)
        for seed in range(shape.seeds)
    ]
    nodes = [stage[0].nodes for model in models for stage in model._predictors]
    start = float(np.mean([model._baseline_prediction.item() for model in models]))
    return _tables(nodes, start, shape.seeds)


def _tables(nodes: Sequence[NDArray[np.void]], start: float, seeds: int) -> Trees:
    width = max(len(tree) for tree in nodes)
    size = (len(nodes), width)
    feature, left, right = (np.zeros(size, np.int16) for _ in range(3))
    threshold, value = (np.zeros(size, np.float32) for _ in range(2))
    blank_left = np.zeros(size, np.bool_)
    for row, tree in enumerate(nodes):
        n = len(tree)
        leaf = tree["is_leaf"].astype(np.bool_)
        own = np.arange(n)
        feature[row, :n] = np.where(leaf, 0, tree["feature_idx"])
        left[row, :n] = np.where(leaf, own, tree["left"])
        right[row, :n] = np.where(leaf, own, tree["right"])
        # A float32 that is not above the fitted float64 keeps pairs on the same side.
        threshold[row, :n] = _below(np.where(leaf, 0.0, tree["num_threshold"]))
        value[row, :n] = tree["value"] / seeds
        blank_left[row, :n] = tree["missing_go_to_left"].astype(np.bool_)
    depth = max(int(tree["depth"].max()) for tree in nodes)
    return Trees(feature, threshold, left, right, value, blank_left, start, depth)


def _below(values: NDArray[np.float64]) -> Floats:
    found = values.astype(np.float32)
    return np.where(found > values, np.nextafter(found, np.float32(-np.inf)), found)
