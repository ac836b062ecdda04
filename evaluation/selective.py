"""What answering only the surest requests is worth: coverage and realised risk at a risk target.

Thresholds come from held-out requests of another set (`triage.model.selection`); the oracle's is
taken from the very rows that are measured, and says what a perfect choice of threshold would give.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from evaluation.calibration import coverage_curve
from evaluation.measured import Measured
from evaluation.metrics import Flags, Floats
from evaluation.rounding import rounded
from triage.model.selection import Curve
from triage.request import Json

RISKS = (0.01, 0.02, 0.05, 0.1)
ERROR = 0.1
"""The guarantee may fail with this probability, over the draw of the held-out requests."""
_ROUNDING = 1e-12


def selective_figures(decision: Measured, curve: Curve) -> dict[str, Json]:
    """Return by risk target `{threshold, coverage, risk, oracle_coverage}`; null without any."""
    right = decision.truth_index() == decision.guess_index()
    confidence = decision.confidence().astype(np.float64)
    return {
        str(risk): _at(right, confidence, curve.threshold_for(risk, ERROR), risk) for risk in RISKS
    }


def cross_fitted_figures(decision: Measured, fold: np.ndarray) -> dict[str, Json]:
    """Return the same out of fold: each fold is measured at the others' threshold.

    Parameters
    ----------
    fold : int64 (n,)
    """
    right = decision.truth_index() == decision.guess_index()
    confidence = decision.confidence().astype(np.float64)
    figures: dict[str, Json] = {}
    for risk in RISKS:
        stands = np.zeros(len(right), np.bool_)
        for index in range(int(fold.max()) + 1):
            others = fold != index
            curve = Curve.of(right[others], confidence[others])
            stands[~others] = confidence[~others] >= curve.threshold_for(risk, ERROR)
        figures[str(risk)] = _figures(right, confidence, stands, risk)
    return figures


def oracle_coverage(right: Flags, confidence: Floats, risk: float) -> float:
    """Return the largest share of rows, the surest first, of which at most `risk` are wrong."""
    shares, accuracies = coverage_curve(right, confidence)
    kept = shares[1 - accuracies <= risk + _ROUNDING]
    return float(kept[-1]) if len(kept) else 0.0


def _at(right: Flags, confidence: Floats, threshold: float, risk: float) -> dict[str, Json]:
    figures = _figures(right, confidence, confidence >= threshold, risk)
    return {"threshold": rounded(threshold) if np.isfinite(threshold) else None, **figures}


def _figures(right: Flags, confidence: Floats, stands: Flags, risk: float) -> dict[str, Json]:
    wrong = float((~right[stands]).mean()) if stands.any() else float("nan")
    return {
        "coverage": rounded(float(stands.mean())),
        "risk": rounded(wrong),
        "oracle_coverage": rounded(oracle_coverage(right, confidence, risk)),
    }


def selections(decisions: Mapping[str, Measured], curves: Mapping[str, Curve]) -> dict[str, Json]:
    """Return the selective figures of every decision that the model has a curve for."""
    return {
        name: selective_figures(decisions[name], curve)
        for name, curve in curves.items()
        if name in decisions
    }
