"""Measure one decision: its figures, ready for a report.

Accuracy and its kin for decisions with one label a request, F1 by cell for those with several.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import RESAMPLES, interval
from evaluation.calibration import accuracy_at, calibration_error, debiased_calibration_error
from evaluation.measured import LEVEL, ORDINAL, Measured
from evaluation.metrics import Flags, macro_f1, per_class, top_k
from evaluation.rounding import ends, rounded
from evaluation.urgency import urgency_figures
from triage.request import Json

COVERAGES = (0.5, 0.8, 0.9)


def measure(decision: Measured, *, resamples: int = RESAMPLES) -> dict[str, Json]:
    """Return the figures of one decision.

    Returns
    -------
    dict
        One label a request: accuracy, macro_f1, top3, ece, ece_debiased, n, interval, coverage,
        per_class, for urgency also the recall of urgent levels. Several: accuracy (all labels of a
        request right), micro_f1, macro_f1, ece, ece_debiased, n, threshold, interval, per_class.
        `interval` holds 95 % bootstrap intervals by figure.
    """
    figures = _several(decision, resamples) if decision.is_multilabel else _one(decision, resamples)
    unknown = decision.unknown()
    if unknown:
        figures["unknown_labels"] = {label: unknown[label] for label in sorted(unknown)}
    return figures


def _one(decision: Measured, resamples: int) -> dict[str, Json]:
    truth, guess, confidence = (
        decision.truth_index(),
        decision.guess_index(),
        decision.confidence(),
    )
    k, n, right = len(decision.names()), len(truth), truth == guess
    accuracy = interval(lambda rows: float(right[rows].mean()), n, resamples=resamples)
    macro = interval(lambda rows: macro_f1(truth[rows], guess[rows], k), n, resamples=resamples)
    figures: dict[str, Json] = {
        "accuracy": rounded(accuracy.value),
        "macro_f1": rounded(macro.value),
        "top3": rounded(top_k(truth, decision.probabilities, 3)),
        "ece": rounded(calibration_error(right, confidence)),
        "ece_debiased": rounded(debiased_calibration_error(right, confidence)),
        "n": n,
        "interval": {"accuracy": ends(accuracy), "macro_f1": ends(macro)},
        "coverage": {
            str(share): rounded(accuracy_at(share, right, confidence)) for share in COVERAGES
        },
        "per_class": _per_class(decision, truth, guess),
    }
    if decision.kind == LEVEL:
        figures.pop("top3")
    if decision.kind in (ORDINAL, LEVEL):
        figures |= urgency_figures(decision)
    return figures


def _per_class(
    decision: Measured, truth: NDArray[np.int64], guess: NDArray[np.int64]
) -> dict[str, Json]:
    names = decision.names()
    found = per_class(truth, guess, len(names))
    named = np.bincount(guess, minlength=len(names))
    return {
        name: {
            "precision": rounded(found["precision"][j]),
            "recall": rounded(found["recall"][j]),
            "f1": rounded(found["f1"][j]),
            "support": int(found["support"][j]),
        }
        for j, name in enumerate(names)
        if found["support"][j] or named[j]
    }


def _several(decision: Measured, resamples: int) -> dict[str, Json]:
    truth, guess = decision.truth_matrix(), decision.guess_matrix()
    n, k = len(truth), len(decision.labels)
    micro = interval(decision.headline()[1], n, resamples=resamples)
    scores = {name: _cell(truth[:, j], guess[:, j]) for j, name in enumerate(decision.names())}
    present = [row["f1"] for row in scores.values() if row["support"]]
    cells, probability = truth[:, :k].ravel(), decision.probabilities.ravel()
    return {
        "accuracy": rounded(float((truth == guess).all(axis=1).mean())),
        "micro_f1": rounded(micro.value),
        "macro_f1": rounded(float(np.mean(present)) if present else float("nan")),
        "ece": rounded(calibration_error(cells, probability)),
        "ece_debiased": rounded(debiased_calibration_error(cells, probability)),
        "n": n,
        "threshold": _threshold(decision),
        "interval": {"micro_f1": ends(micro)},
        "per_class": {name: _rounded(row) for name, row in scores.items()},
    }


def _threshold(decision: Measured) -> Json:
    if isinstance(decision.threshold, float):
        return decision.threshold
    return dict(zip(decision.labels, decision.threshold, strict=True))


def _cell(truth: Flags, guess: Flags) -> dict[str, float]:
    """Precision, recall and f1 of one label, 0 where undefined."""
    found = per_class(truth.astype(np.int64), guess.astype(np.int64), 2)
    return {name: float(found[name][1]) for name in ("precision", "recall", "f1", "support")}


def _rounded(row: dict[str, float]) -> dict[str, Json]:
    return {
        name: int(value) if name == "support" else rounded(value) for name, value in row.items()
    }
