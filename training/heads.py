"""Fit linear columns: one squared-hinge separator per label, several processes at once.

liblinear's dual solver (Hsieh et al. 2008) with a fixed seed, so two runs give the same weights.
What the scores mean as probabilities is `training.calibrate`'s business.
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


@dataclass(frozen=True, slots=True)
class Columns:
    """Weights (V, K) float32 and bias (K,) float32; `score = X @ weights + bias`."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]


def fit_columns(
    X: sp.csr_matrix,
    y: NDArray[np.float32],
    *,
    C: float,
    sample_weight: NDArray[np.float64] | None = None,
    jobs: int = 2,
) -> Columns:
    """Fit one separator per column of `y` on the rows that label it.

    Parameters
    ----------
    X : csr (n, V)
    y : float32 array (n, K) of 0, 1, NaN (row does not label the column)
    C : inverse regularisation, > 0

    Returns
    -------
    Columns
        A column without both classes gets zero weights and a bias of -1 or 1.
    """
    weight = np.ones(X.shape[0]) if sample_weight is None else sample_weight
    fitted: Sequence[tuple[NDArray[np.float32], float]] = Parallel(n_jobs=jobs)(
        delayed(_fit_one)(X, y[:, column], C, weight) for column in range(y.shape[1])
    )
    return Columns(
        np.stack([coefficients for coefficients, _ in fitted], axis=1),
        np.array([bias for _, bias in fitted], np.float32),
    )


def _fit_one(
    X: sp.csr_matrix, y: NDArray[np.float32], C: float, weight: NDArray[np.float64]
) -> tuple[NDArray[np.float32], float]:
    known = ~np.isnan(y)
    target = y[known]
    if len(target) == 0 or target.min() == target.max():
        constant = 1.0 if len(target) and target[0] == 1 else -1.0
        return np.zeros(X.shape[1], np.float32), constant
    rows = X if known.all() else X[np.flatnonzero(known)]
    model = LinearSVC(C=C, random_state=SEED)
    model.fit(rows, target, sample_weight=weight[known])
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])
