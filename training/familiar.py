"""How much of a new request's wording earlier requests share: the least that is still usual.

Measured out of fold: an n-gram counts as known to a request if enough requests of the other folds
hold it, as `training.vocabulary.choose` would have asked of them.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

RARE = 0.01
"""Share of the training requests that would be called unlike all others."""


def least_known_share(
    counts: sp.csr_matrix, fold: NDArray[np.int64], min_df: int, rare: float = RARE
) -> float:
    """Return the `rare` quantile of the share of n-grams that the other folds know, in [0, 1].

    Parameters
    ----------
    counts : csr (n, buckets) of one field; fold : int64 (n,)
    """
    shares = []
    for index in range(int(fold.max()) + 1):
        others = counts[np.flatnonzero(fold != index)]
        known = np.bincount(others.indices, minlength=counts.shape[1]) >= min_df
        own = counts[np.flatnonzero(fold == index)]
        total = np.asarray(own.sum(axis=1)).ravel()
        shares.append((own @ known.astype(np.float32))[total > 0] / total[total > 0])
    return float(np.quantile(np.concatenate(shares), rare))
