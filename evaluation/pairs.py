"""Figures of pairs scored as one event or not: average precision, best F1, precision at a recall.

Pure functions of `truth` bool (n,) and `score` (n,), higher = more alike; ties count together, as
in scikit-learn's precision_recall_curve, against which they are tested. No positive is a mistake.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import Flags, Floats

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]


def precision_recall(truth: Flags, score: Floats) -> Curve:
    """Return precision and recall at every distinct score, from the highest down."""
    if not len(truth) or len(truth) != len(score) or not truth.any():
        raise ValueError(f"need equal, positive lengths with a positive, got {len(truth)}")
    order = np.argsort(-score, kind="stable")
    last = np.append(np.diff(score[order]) != 0, True)
    hits = np.cumsum(truth[order])[last]
    named = np.flatnonzero(last) + 1
    return hits / named, hits / int(truth.sum())


def average_precision(truth: Flags, score: Floats) -> float:
    """Return the sum of precision times the gain of recall."""
    precision, recall = precision_recall(truth, score)
    return float((precision * np.diff(recall, prepend=0.0)).sum())


def best_f1(truth: Flags, score: Floats) -> float:
    """Return the highest F1 over all thresholds."""
    precision, recall = precision_recall(truth, score)
    return float((2 * precision * recall / np.maximum(precision + recall, 1e-12)).max())


def precision_at(recall_least: float, truth: Flags, score: Floats) -> float:
    """Return the highest precision at a recall of at least `recall_least`."""
    precision, recall = precision_recall(truth, score)
    return float(precision[recall >= recall_least - 1e-12].max())


def recall_at(precision_least: float, truth: Flags, score: Floats) -> float:
    """Return the highest recall at a precision of at least `precision_least`; 0 if none has it."""
    precision, recall = precision_recall(truth, score)
    return float(np.max(recall[precision >= precision_least - 1e-12], initial=0.0))


def retrieval_recall(
    wanted: Sequence[frozenset[str]], found: Sequence[Sequence[str]], k: int
) -> float:
    """Return the mean share of what is wanted among the first k found, of min(k, wanted).

    Queries for which nothing is wanted are left out.
    """
    shares = [
        len(want & set(got[:k])) / min(k, len(want))
        for want, got in zip(wanted, found, strict=True)
        if want
    ]
    return float(np.mean(shares))
