"""Fit the decision on judged pairs, with figures from pairs that neither judge had seen.

Folds keep a `component` together. Within each outer fold the shape of the trees, the scale of
probabilities, the weights of a cross-encoder and the threshold of merging are chosen by inner
folds; the final decision chooses them by folds over everything. A cross-encoder comes with folds
of its own: a plane's three numbers are fitted on copies that may have seen an outer fold's labels.
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
from training.same_event.closer_fit import Labels, fit_closer
from triage.errors import UnusableFile
from triage.model.encoder import Floats
from triage.same_event.decision import Decision, Scale
from triage.same_event.pair_features import SIGNS, are_copies
from triage.same_event.trees import Trees

SHAPES = (Shape(100, 8),)
"""Shapes to choose from: choosing among three by inner folds was no better (docs/same_event.md)."""
FOLDS, INNER = 5, 4
PRECISION = 0.975
"""Precision asked of an automatic merge, reached on inner folds of all judged pairs. Many of those
were chosen for being hard: on the unseen folds of `dup_dev` it is 0.98 and more. Of 0.96 to 0.98,
looked at there, 0.975 had that and the most recall (docs/same_event.md)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Pairs as numbers: `features` float32 (n, k), `labels` int64 (n,) in 0 … 2, `components`.

    `is_made` marks pairs that were made, not read: they are fitted on, and never measured. `signs`
    (k,) say which way each number may speak. `read` are a cross-encoder's log-odds, float32 (n, 2),
    by copies that had not seen the pair; NaN for made pairs, and None without a cross-encoder.
    """

    features: Floats
    labels: Labels
    components: NDArray[np.str_]
    is_made: NDArray[np.bool_]
    signs: tuple[int, ...] = SIGNS
    read: Floats | None = None

    def at(self, rows: NDArray[np.int64]) -> Judged:
        """Return the pairs of some rows."""
        return replace(
            self,
            features=self.features[rows],
            labels=self.labels[rows],
            components=self.components[rows],
            is_made=self.is_made[rows],
            read=None if self.read is None else self.read[rows],
        )


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What a decision that had not seen them says of all pairs; each (n,).

    `merge_from` is the threshold of the fold's decision; `fast` is P(SAME_EVENT) by the trees
    alone, and the same as `same` without a cross-encoder.
    """

    same: Floats
    related: Floats
    merge_from: Floats
    fold: Labels
    fast: Floats


def held_out(judged: Judged, *, on_fold: Callable[[], object] = lambda: None) -> HeldOut:
    """Return nested out-of-fold probabilities.

    Raises
    ------
    UnusableFile
        There are too few components of one event, or no unrelated pairs, to fold and to fit.
    """
    _check(judged)
    n = len(judged.labels)
    same, related, merge_from, fast = (np.zeros(n, np.float32) for _ in range(4))
    fold = np.zeros(n, np.int64)
    for number, (train, test) in enumerate(_folds(judged, FOLDS, seed=0)):
        decision = fit_decision(judged.at(train))
        part = judged.at(test)
        fast[test] = decision.probabilities(part.features)[:, 0]
        same[test], related[test] = _closely(decision, part).T
        merge_from[test], fold[test] = decision.merge_from, number
        on_fold()
    return HeldOut(same, related, merge_from, fold, fast)


def fit_decision(judged: Judged) -> Decision:
    """Choose shape, scales and threshold by folds over `judged`, then fit on all of it."""
    sums = {shape: _inner(judged, shape, 2) for shape in SHAPES}
    real = ~judged.is_made
    labels = judged.labels[real]
    shape = max(SHAPES, key=lambda one: average_precision_score(labels == 2, sums[one][real]))
    inner = np.stack([sums[shape], _inner(judged, shape, 1)], axis=1)[real]
    decision = Decision(
        _fit(judged, shape, 2),
        _fit(judged, shape, 1),
        fit_scale(inner[:, 0], labels == 2),
        fit_scale(inner[:, 1], labels >= 1),
        1.0,
    )
    sure = decision.scaled(inner)
    if judged.read is not None:
        copies = are_copies(judged.features[real])
        closer = fit_closer(sure[:, 0], inner, judged.read[real], labels, copies)
        asked = (sure[:, 0] >= closer.asked_from) & ~copies
        sure[asked] = closer.probabilities(inner[asked], judged.read[real][asked])
        decision = replace(decision, closer=closer)
    return replace(decision, merge_from=merge_threshold(sure[:, 0], labels == 2))


def _check(judged: Judged) -> None:
    real = ~judged.is_made
    same = len(set(judged.components[real & (judged.labels == 2)].tolist()))
    others = int((real & (judged.labels == 0)).sum())
    if same < FOLDS or others < FOLDS:
        raise UnusableFile(
            f"判定对太少：有同一事件的 component {same} 个、无关的 {others} 对，都应不少于 {FOLDS}"
        )


def _closely(decision: Decision, judged: Judged) -> Floats:
    odds = decision.log_odds(judged.features)
    sure = decision.scaled(odds)
    if judged.read is not None and decision.closer is not None:
        asked = (sure[:, 0] >= decision.closer.asked_from) & ~are_copies(judged.features)
        asked &= ~judged.is_made
        sure[asked] = decision.closer.probabilities(odds[asked], judged.read[asked])
    return sure


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
