"""Two models on the same rows: differences with intervals, and McNemar's test.

A difference is always B less A. Rows are drawn for both at once, so what is hard for both does not
blur the difference.
"""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import Interval, Rows, Statistic, difference
from evaluation.measured import LEVEL, ORDINAL, Measured
from evaluation.metrics import macro_f1, recall_and_precision
from evaluation.rounding import ends, rounded
from evaluation.urgency import URGENT, answered_levels, true_levels
from triage.request import Json

LEVEL_OF_INTERVAL = 0.95


def statistics(decision: Measured) -> dict[str, Statistic]:
    """Return the figures of a decision as functions of rows, the headline first.

    accuracy and macro_f1 for one label a request, urgent_recall for levels; micro_f1 and macro_f1
    for several.
    """
    name, headline = decision.headline()
    if decision.is_multilabel:
        return {name: headline, "macro_f1": _macro_of_labels(decision)}
    truth, guess, k = decision.truth_index(), decision.guess_index(), len(decision.names())
    found: dict[str, Statistic] = {
        name: headline,
        "macro_f1": lambda rows: macro_f1(truth[rows], guess[rows], k),
    }
    if decision.kind in (ORDINAL, LEVEL):
        urgent, named = true_levels(decision) < URGENT, answered_levels(decision) < URGENT
        found["urgent_recall"] = lambda rows: recall_and_precision(urgent[rows], named[rows])[0]
    return found


def paired(a: Statistic, b: Statistic, rows: Rows, resamples: int) -> dict[str, Json]:
    """Return a figure of both models on the given rows, and B less A with its 95 % interval."""
    found = gap(a, b, rows, resamples)
    return {
        "a": rounded(a(rows)),
        "b": rounded(b(rows)),
        "difference": rounded(found.value),
        "interval": ends(found),
    }


def gap(a: Statistic, b: Statistic, rows: Rows, resamples: int) -> Interval:
    """Return B less A on the given rows with its 95 % bootstrap interval."""
    return difference(
        lambda drawn: b(rows[drawn]),
        lambda drawn: a(rows[drawn]),
        len(rows),
        resamples=resamples,
        level=LEVEL_OF_INTERVAL,
    )


def mcnemar(only_a: int, only_b: int) -> float:
    """Return the two-sided exact p that two models are right equally often.

    Parameters
    ----------
    only_a, only_b : rows that only one of them has right; 0 and 0 give 1

    References
    ----------
    McNemar 1947; the exact binomial form, as scipy.stats.binomtest(only_a, only_a + only_b).
    """
    n = only_a + only_b
    tail = sum(comb(n, count) for count in range(min(only_a, only_b) + 1))
    return min(1.0, float(2 * tail / 2**n))


def _macro_of_labels(decision: Measured) -> Statistic:
    truth, guess = decision.truth_matrix(), decision.guess_matrix()

    def macro(rows: NDArray[np.int64]) -> float:
        held, named = truth[rows], guess[rows]
        support = held.sum(axis=0)
        f1 = 2 * (held & named).sum(axis=0) / np.maximum(support + named.sum(axis=0), 1)
        return float(f1[support > 0].mean()) if support.any() else float("nan")

    return macro
