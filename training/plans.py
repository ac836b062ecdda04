"""Choose for each head, on one held-out fold, whether its columns are emphasised.

Emphasis is tried only where labels have many examples: over 127 topics it loses 1.5 points of
accuracy, over the seven official classes it gains one (docs/decisions/0002-linear-model.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from evaluation.metrics import accuracy, macro_f1
from training.heads import Plan, fit_columns
from training.labels import Head, spans_of
from training.recipe import Recipe
from triage.model.calibration import Array

ENOUGH = 500
"""Examples a label, on average, below which a head stays plain."""
GAIN = 0.01
"""Accuracy plus macro-F1 that emphasis must gain on the fold, about its own noise."""


def plain_plans(heads: Sequence[Head], recipe: Recipe) -> list[Plan]:
    """Return a plain plan a column: each head's own C, centroids where labels compete."""
    return [
        Plan(
            recipe.C_of(head.name),
            centroid=recipe.centroid if head.kind == "multiclass" else 0.0,
        )
        for head in heads
        for _ in range(head.columns)
    ]


def choose_plans(
    heads: Sequence[Head],
    recipe: Recipe,
    X: sp.csr_matrix,
    y: Array,
    weight: NDArray[np.float64],
    X_held: sp.csr_matrix,
    y_held: Array,
) -> list[Plan]:
    """Return a plan a column: plain, unless emphasis clearly gains on the held-out fold.

    Only multiclass heads with enough examples a label are tried.
    """
    spans = spans_of(heads)
    plans = plain_plans(heads, recipe)
    emphasised = Plan(recipe.emphasis_C, emphasis=True)
    for head in heads:
        span = spans[head.name]
        known = ~np.isnan(y_held[:, span.start])
        few = len(y) < ENOUGH * head.columns
        if head.kind != "multiclass" or few or not known.any():
            continue
        truth = y_held[known, span].argmax(axis=1)
        gain = []
        for plan in (plans[span.start], emphasised):
            fitted = fit_columns(X, y[:, span], [plan] * head.columns, sample_weight=weight)
            guess = (X_held[known] @ fitted.weights + fitted.bias).argmax(axis=1)
            gain.append(accuracy(truth, guess) + macro_f1(truth, guess, head.columns))
        if gain[1] > gain[0] + GAIN:
            plans[span] = [emphasised] * head.columns
    return plans
