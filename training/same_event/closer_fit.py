"""Fit how trees and a cross-encoder are weighed: which pairs are read, a plane for each question.

Both have not seen the pairs that this is fitted on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from triage.model.encoder import Floats
from triage.same_event.closer import Closer, Plane

MISSED = 0.01
"""Share of the pairs of one event that the cross-encoder need not be asked about: it would be asked
about half as many again for the last hundredth."""
Labels = NDArray[np.int64]


def fit_closer(
    sure: Floats, odds: Floats, read: Floats, labels: Labels, copies: NDArray[np.bool_]
) -> Closer:
    """Return which pairs are read, and the planes fitted on those.

    Parameters
    ----------
    sure : P(SAME_EVENT) by trees that had not seen the pair, (n,)
    odds, read : log-odds of trees and cross-encoder that had not seen it, (n, 2) each
    copies : which pairs are a text and its copy about another place, (n,); they are not read
    """
    asked_from = float(np.quantile(sure[labels == 2], MISSED))
    asked = (sure >= asked_from) & ~copies
    for wider in (~copies, np.ones_like(copies)):  # trees may leave nothing open, or copies alone
        if not {0, 2} <= set(labels[asked].tolist()):
            asked = wider
    same, related = (
        _plane(odds[asked, column], read[asked, column], labels[asked] >= 2 - column)
        for column in (0, 1)
    )
    return Closer(same, related, asked_from)


def _plane(trees: Floats, read: Floats, is_so: NDArray[np.bool_]) -> Plane:
    model = LogisticRegression(C=1e6).fit(np.stack([trees, read], axis=1), is_so)
    first, second = map(float, model.coef_[0])
    return Plane(first, second, float(model.intercept_[0]))
