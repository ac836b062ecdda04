"""What probabilities are worth: calibration error, reliability bins, accuracy against coverage.

A probability is calibrated when, of the answers given with confidence c, a share of c is right.
Pure functions of `right` (n,) and `confidence` (n,); n = 0 raises ValueError.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import Flags, Floats

ECE_BINS = 15
"""Guo, Pleiss, Sun and Weinberger 2017, "On calibration of modern neural networks", section 5."""
EQUAL_MASS_BINS = 10


@dataclass(frozen=True, slots=True)
class Bins:
    """Non-empty bins of answers: mean `confidence`, share `right` and `count`, each (bins,)."""

    confidence: NDArray[np.float64]
    right: NDArray[np.float64]
    count: NDArray[np.int64]


def calibration_error(right: Flags, confidence: Floats, bins: int = ECE_BINS) -> float:
    """Return the expected calibration error: mean gap |right - confidence| over equal-width bins.

    The usual figure, comparable with other reports. It is biased upwards on few rows: a perfect
    model shows about 0.04 on 600 of them. `debiased_calibration_error` takes that noise out.
    """
    found = equal_width(right, confidence, bins)
    gap = np.abs(found.right - found.confidence)
    return float(np.average(gap, weights=found.count))


def debiased_calibration_error(
    right: Flags, confidence: Floats, bins: int = EQUAL_MASS_BINS
) -> float:
    """Return the root of the mean squared gap over equal-mass bins, less its sampling noise.

    Kumar, Liang and Ma 2019, "Verified uncertainty calibration", the debiased estimator: each
    squared gap is reduced by the variance of its bin's share; a mean below 0 counts as 0.
    """
    found = equal_mass(right, confidence, bins)
    noise = found.right * (1 - found.right) / np.maximum(found.count - 1, 1)
    squared = np.square(found.right - found.confidence) - noise
    return float(np.sqrt(max(0.0, float(np.average(squared, weights=found.count)))))


def equal_width(right: Flags, confidence: Floats, bins: int) -> Bins:
    """Bin by ((i - 1) / bins, i / bins]; a confidence of 0 goes to the first bin."""
    index = np.ceil(np.asarray(confidence, np.float64) * bins).astype(np.int64) - 1
    return _bins(right, confidence, np.clip(index, 0, bins - 1))


def equal_mass(right: Flags, confidence: Floats, bins: int) -> Bins:
    """Bin by quantiles; equal confidences are never parted, so the order of rows does not count."""
    inner = np.linspace(0, 1, bins + 1)[1:-1]
    edges = np.unique(np.quantile(confidence, inner, method="inverted_cdf"))
    return _bins(right, confidence, np.searchsorted(edges, confidence, side="left"))


def coverage_curve(
    right: Flags, confidence: Floats
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what answering only the most confident requests would give.

    Returns
    -------
    coverage, accuracy : float64 (m,)
        One point a distinct confidence, coverage rising to 1.
    """
    _check(right, confidence)
    order = np.argsort(-confidence, kind="stable")
    is_last_of_tie = np.append(np.diff(confidence[order]) != 0, True)
    answered = np.flatnonzero(is_last_of_tie) + 1
    hits = np.cumsum(right[order])[is_last_of_tie]
    return answered / len(order), hits / answered


def accuracy_at(coverage: float, right: Flags, confidence: Floats) -> float:
    """Return the accuracy when at least this share of requests is answered, the surest first."""
    shares, accuracies = coverage_curve(right, confidence)
    return float(accuracies[np.searchsorted(shares, coverage - 1e-9)])


def _bins(right: Flags, confidence: Floats, index: NDArray[np.int64]) -> Bins:
    _check(right, confidence)
    count = np.bincount(index)
    kept = count > 0
    return Bins(
        (np.bincount(index, weights=confidence)[kept] / count[kept]),
        (np.bincount(index, weights=right)[kept] / count[kept]),
        count[kept],
    )


def _check(right: Flags, confidence: Floats) -> None:
    if not len(right) or len(right) != len(confidence):
        raise ValueError(f"need equal, positive lengths, got {len(right)} and {len(confidence)}")
