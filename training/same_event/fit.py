"""Fit the decision on judged pairs, with figures from pairs that no part of it had seen.

Folds keep a `component` together. Within each outer fold the shape of the trees, the scale of
probabilities and the threshold of merging are chosen by inner folds; the final decision chooses
them by folds over everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedGroupKFold

from training.same_event.boosting import Shape, fit_trees
from triage.model.encoder import Floats
from triage.same_event.decision import Decision, Scale
from triage.same_event.pair_features import SIGNS
from triage.same_event.trees import Trees

SHAPES = (Shape(100, 8), Shape(150, 5), Shape(80, 12))
FOLDS, INNER = 5, 4
PRECISION = 0.98
"""Precision asked of an automatic merge, reached on inner folds. Unseen folds have less (docs/
same_event.md); 0.99 was tried and gave them no more."""
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Judged:
    """Pairs as numbers: `features` float32 (n, k), `labels` int64 (n,) in 0 … 2, `components`.

    `is_made` marks pairs that were made, not read: they are fitted on, and never measured. `signs`
    (k,) say which way each number may speak.
    """

    features: Floats
    labels: Labels
    components: NDArray[np.str_]
    is_made: NDArray[np.bool_]
    signs: tuple[int, ...] = SIGNS

    def at(self, rows: NDArray[np.int64]) -> Judged:
        """Return the pairs of some rows."""
        return replace(
            self,
            features=self.features[rows],
            labels=self.labels[rows],
            components=self.components[rows],
            is_made=self.is_made[rows],
        )


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What a decision that had not seen them says of all pairs; each (n,).

    `merge_from` is the threshold of the fold's decision.
    """

    same: Floats
    related: Floats
    merge_from: Floats
    fold: Labels


def held_out(judged: Judged, *, on_fold: Callable[[], object] = lambda: None) -> HeldOut:
    """Return nested out-of-fold probabilities."""
    n = len(judged.labels)
    same, related, merge_from = (np.zeros(n, np.float32) for _ in range(3))
    fold = np.zeros(n, np.int64)
    for number, (train, test) in enumerate(_folds(judged, FOLDS, seed=0)):
        decision = fit_decision(judged.at(train))
        found = decision.probabilities(judged.features[test])
        same[test], related[test] = found[:, 0], found[:, 1]
        merge_from[test], fold[test] = decision.merge_from, number
        on_fold()
    return HeldOut(same, related, merge_from, fold)


def fit_decision(judged: Judged) -> Decision:
    """Choose shape, scales and threshold by folds over `judged`, then fit on all of it."""
    sums = {shape: _inner(judged, shape, 2) for shape in SHAPES}
    is_same, read = judged.labels == 2, ~judged.is_made
    shape = max(SHAPES, key=lambda one: average_precision_score(is_same[read], sums[one][read]))
    same_scale = fit_scale(sums[shape][read], is_same[read])
    related_scale = fit_scale(_inner(judged, shape, 1)[read], judged.labels[read] >= 1)
    return Decision(
        _fit(judged, shape, 2),
        _fit(judged, shape, 1),
        same_scale,
        related_scale,
        merge_threshold(same_scale.probability(sums[shape][read]), is_same[read]),
    )


def fit_scale(log_odds: Floats, is_so: NDArray[np.bool_]) -> Scale:
    """Return the straight line from log-odds to calibrated log-odds."""
    model = LogisticRegression(C=1e6).fit(log_odds[:, None], is_so)
    return Scale(float(model.coef_[0, 0]), float(model.intercept_[0]))


def merge_threshold(probabilities: Floats, is_same: NDArray[np.bool_]) -> float:
    """Return the lowest probability above which so many of the pairs are one event; 1 if none."""
    order = np.argsort(-probabilities, kind="stable")
    precision = np.cumsum(is_same[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(precision >= PRECISION)
    return float(probabilities[order[enough[-1]]]) if len(enough) else 1.0


def _inner(judged: Judged, shape: Shape, least: int) -> Floats:
    """Return log-odds of `labels >= least` by trees that had not seen the pair; float32 (n,)."""
    found = np.zeros(len(judged.labels), np.float32)
    for train, test in _folds(judged, INNER, seed=1):
        found[test] = _fit(judged.at(train), shape, least).sum(judged.features[test])
    return found


def _fit(judged: Judged, shape: Shape, least: int) -> Trees:
    return fit_trees(judged.features, judged.labels >= least, shape, judged.signs)


def _folds(
    judged: Judged, k: int, *, seed: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    splitter = StratifiedGroupKFold(k, shuffle=True, random_state=seed)
    yield from splitter.split(judged.features, judged.labels, judged.components)
