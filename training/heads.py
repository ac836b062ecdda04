"""Fit linear columns: one squared-hinge separator per label, several processes at once.

liblinear's dual solver (Hsieh et al. 2008) with a fixed seed, so two runs give the same weights.
An emphasised column sees its features scaled by how much they tell its label from the rest
(log-count ratios, Wang and Manning 2012), which helps labels with hundreds of examples and harms
rare ones. What the scores mean as probabilities is `training.calibrate`'s business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

SEED = 20251106
PLAIN_PART = 0.5
"""Every feature keeps this much of its scale, however little it tells."""
SMOOTHING = 1.0
"""Added to both counts of a feature before their ratio is taken."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Weights (V, K) float32 and bias (K,) float32; `score = X @ weights + bias`."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to fit one column.

    `C` > 0 is the inverse regularisation, `emphasis` says whether features are scaled, `centroid`
    how much of the label's centroid is added to the separator.
    """

    C: float
    emphasis: bool = False
    centroid: float = 0.0


def fit_columns(
    X: sp.csr_matrix,
    y: NDArray[np.float32],
    plans: Sequence[Plan],
    *,
    sample_weight: NDArray[np.float64],
    jobs: int = 2,
) -> Columns:
    """Fit one separator per column of `y` on the rows that label it.

    Parameters
    ----------
    X : csr (n, V)
    y : float32 array (n, K) of 0, 1, NaN (row does not label the column)
    plans : one a column
    sample_weight : float64 (n,)

    Returns
    -------
    Columns
        A column without both classes gets zero weights and a bias of -1 or 1.
    """
    fitted: Sequence[tuple[NDArray[np.float32], float]] = Parallel(n_jobs=jobs)(
        delayed(_fit_one)(X, y[:, column], plan, sample_weight) for column, plan in enumerate(plans)
    )
    return Columns(
        np.stack([coefficients for coefficients, _ in fitted], axis=1),
        np.array([bias for _, bias in fitted], np.float32),
    )


def _fit_one(
    X: sp.csr_matrix, y: NDArray[np.float32], plan: Plan, weight: NDArray[np.float64]
) -> tuple[NDArray[np.float32], float]:
    known = ~np.isnan(y)
    target = y[known]
    if len(target) == 0 or target.min() == target.max():
        constant = 1.0 if len(target) and target[0] == 1 else -1.0
        return np.zeros(X.shape[1], np.float32), constant
    rows = X if known.all() else X[np.flatnonzero(known)]
    scale = _emphasis(rows, target) if plan.emphasis else np.ones(X.shape[1], np.float32)
    if plan.emphasis:
        rows = rows.copy()
        rows.data *= scale[rows.indices]
    model = LinearSVC(C=plan.C, random_state=SEED)
    model.fit(rows, target, sample_weight=weight[known])
    separator = (model.coef_[0] * scale).astype(np.float32)
    if plan.centroid:
        separator += np.float32(plan.centroid) * _centroid(rows, target)
    return separator, float(model.intercept_[0])


def _centroid(X: sp.csr_matrix, target: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean direction of the positive rows, float32 (V,), of unit length.

    A separator rests on its few support vectors; the centroid remembers all examples of a label,
    which steadies labels with few (Rocchio 1971; docs/decisions/0002-linear-model.md).
    """
    summed: NDArray[np.float32] = np.asarray((target == 1).astype(np.float32) @ X).ravel()
    return summed / max(float(np.linalg.norm(summed)), 1e-12)


def _emphasis(X: sp.csr_matrix, target: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the scale of each feature (V,), such that rows keep their mean squared length."""
    presence = sp.csr_matrix((np.ones_like(X.data), X.indices, X.indptr), shape=X.shape)
    positive = target == 1
    inside = positive.astype(np.float32) @ presence + SMOOTHING
    outside = (~positive).astype(np.float32) @ presence + SMOOTHING
    rate_inside = inside / (positive.sum() + 2 * SMOOTHING)
    rate_outside = outside / ((~positive).sum() + 2 * SMOOTHING)
    scale = PLAIN_PART + np.abs(np.log(rate_inside / rate_outside))
    before = float(X.data @ X.data)
    after = float(np.square(X.data * scale[X.indices]).sum())
    scaled: NDArray[np.float32] = (scale * np.sqrt(before / after)).astype(np.float32)
    return scaled
