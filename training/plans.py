"""Choose for each head, on one held-out fold, whether its columns are emphasised."""

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


def choose_plans(
    heads: Sequence[Head],
    recipe: Recipe,
    X: sp.csr_matrix,
    y: Array,
    weight: NDArray[np.float64],
    X_held: sp.csr_matrix,
    y_held: Array,
) -> list[Plan]:
    """Return a plan a column: plain, unless emphasis gains accuracy plus macro-F1 on the fold.

    Only multiclass heads are tried; the others stay plain.
    """
    spans = spans_of(heads)
    plain, emphasised = Plan(recipe.C), Plan(recipe.emphasis_C, emphasis=True)
    plans = [plain] * y.shape[1]
    for head in heads:
        span = spans[head.name]
        known = ~np.isnan(y_held[:, span.start])
        if head.kind != "multiclass" or not known.any():
            continue
        truth = y_held[known, span].argmax(axis=1)
        gain = []
        for plan in (plain, emphasised):
            fitted = fit_columns(X, y[:, span], [plan] * head.columns, sample_weight=weight)
            guess = (X_held[known] @ fitted.weights + fitted.bias).argmax(axis=1)
            gain.append(accuracy(truth, guess) + macro_f1(truth, guess, head.columns))
        if gain[1] > gain[0]:
            plans[span] = [emphasised] * head.columns
    return plans
