"""Fit calibrations on held-out scores: few parameters, shared over a head's labels.

Multiclass: conditional logit (McFadden 1974) by L-BFGS; heads of at most `SMALL` labels get their
own weights a label, drawn towards the shared ones (vector scaling, Guo et al. 2017). Ordinal: one
logistic regression a threshold. Multilabel: one logistic regression shared by all labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from training.labels import Head
from triage.model.calibration import SHAPES, Array, Calibration, Link, basis, softmax

SMALL = 12
RIDGE = 2e-3
"""Pull of a label's own weights towards the shared ones, per example."""
PRIOR = 2.0
"""Pseudo-examples of the overall distribution in each row of a link table."""
STEEPNESS = 5.0
"""What a margin is multiplied by before anything is fitted; where the search for weights starts."""


def fit_first(scores: Array, y: Array) -> Calibration:
    """Fit a multiclass head on its own scores alone; rows of NaN in `y` are left out."""
    known = ~np.isnan(y[:, 0])
    if not known.any():
        return _unfitted(y.shape[1], ())
    return _multiclass(basis(scores[known], (), {}), y[known], ())


def fit_final(
    head: Head, scores: Array, y: Array, first: Mapping[str, Array], links: Sequence[Link]
) -> Calibration:
    """Fit a head on its own scores and on the expectations of the linked heads."""
    known = ~np.isnan(y[:, 0])
    if not known.any():
        return _unfitted(y.shape[1], tuple(links))
    shapes = basis(scores[known], links, {name: values[known] for name, values in first.items()})
    if head.kind == "multiclass":
        return _multiclass(shapes, y[known], tuple(links))
    if head.kind == "ordinal":
        return _ordinal(shapes, y[known], tuple(links))
    return _multilabel(shapes, y[known], tuple(links))


def link_table(source: Array, y: Array) -> Array:
    """Return P(column | source label) with the overall rate as a prior, (k_source, k).

    Where no row labels both, every row of the table is that rate: the link says nothing.
    """
    labelled = ~np.isnan(y[:, 0])
    known = labelled & ~np.isnan(source[:, 0])
    rate = y[labelled].mean(axis=0) if labelled.any() else np.full(y.shape[1], 0.5, np.float32)
    joint = source[known].T @ y[known]
    count = source[known].sum(axis=0)[:, None]
    table: Array = ((joint + PRIOR * rate) / (count + PRIOR)).astype(np.float32)
    return table


def _unfitted(k: int, links: tuple[Link, ...]) -> Calibration:
    """Return a calibration for a head that no row labels: the margin, steepened as usual."""
    weights = np.zeros((SHAPES + len(links), k), np.float32)
    weights[0] = STEEPNESS
    return Calibration(weights, np.zeros(k, np.float32), links)


def _multiclass(shapes: list[Array], y: Array, links: tuple[Link, ...]) -> Calibration:
    answer = y.argmax(axis=1)
    m, k = len(shapes), y.shape[1]
    stacked = np.stack(shapes).astype(np.float64)
    start = np.zeros(m)
    start[0] = STEEPNESS
    shared = minimize(
        lambda w: _loss(w[:, None], np.zeros(k), stacked, answer, None)[:2],
        start, jac=True, method="L-BFGS-B",
    ).x  # fmt: skip
    weights, offset = np.repeat(shared[:, None], k, axis=1), np.zeros(k)
    if k <= SMALL:
        centre = np.concatenate([weights.ravel(), offset])
        own = minimize(
            lambda w: _pulled(w, centre, stacked, answer), centre, jac=True, method="L-BFGS-B"
        ).x
        weights, offset = own[: m * k].reshape(m, k), own[m * k :]
    return Calibration(weights.astype(np.float32), offset.astype(np.float32), links)


def _loss(
    weights: NDArray[np.float64],
    offset: NDArray[np.float64],
    stacked: NDArray[np.float64],
    answer: NDArray[np.int64],
    k: int | None,
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Mean negative log-likelihood, its gradient by weights (shared if `k` is None) and offset."""
    logits = np.einsum("mnk,mk->nk", stacked, np.broadcast_to(weights, stacked.shape[::2]))
    probabilities = softmax(logits + offset)
    rows = np.arange(len(answer))
    loss = -float(np.log(np.maximum(probabilities[rows, answer], 1e-12)).mean())
    probabilities[rows, answer] -= 1
    gradient = np.einsum("mnk,nk->mk", stacked, probabilities) / len(answer)
    return loss, gradient.sum(axis=1) if k is None else gradient, probabilities.mean(axis=0)


def _pulled(
    w: NDArray[np.float64],
    centre: NDArray[np.float64],
    stacked: NDArray[np.float64],
    answer: NDArray[np.int64],
) -> tuple[float, NDArray[np.float64]]:
    m, k = stacked.shape[0], stacked.shape[2]
    loss, gradient, by_offset = _loss(w[: m * k].reshape(m, k), w[m * k :], stacked, answer, k)
    away = w - centre
    return loss + RIDGE * float(away @ away), np.concatenate(
        [gradient.ravel(), by_offset]
    ) + 2 * RIDGE * away


def _ordinal(shapes: list[Array], y: Array, links: tuple[Link, ...]) -> Calibration:
    fitted = [
        _logistic(np.stack([shape[:, j] for shape in shapes], axis=1), y[:, j])
        for j in range(y.shape[1])
    ]
    return Calibration(
        np.stack([weights for weights, _ in fitted], axis=1),
        np.array([offset for _, offset in fitted], np.float32),
        links,
    )


def _multilabel(shapes: list[Array], y: Array, links: tuple[Link, ...]) -> Calibration:
    weights, offset = _logistic(np.stack([shape.ravel() for shape in shapes], axis=1), y.ravel())
    k = y.shape[1]
    return Calibration(np.repeat(weights[:, None], k, axis=1), np.full(k, offset), links)


def _logistic(X: Array, y: Array) -> tuple[Array, np.float32]:
    if y.min() == y.max():
        return np.zeros(X.shape[1], np.float32), np.float32(-6.0 if y.max() == 0 else 6.0)
    model = LogisticRegression(C=10.0, max_iter=1000).fit(X, y)
    return model.coef_[0].astype(np.float32), np.float32(model.intercept_[0])
