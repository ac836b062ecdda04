"""Coverage and realised risk at a risk target."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.measured import Measured
from evaluation.selective import cross_fitted_figures, oracle_coverage, selective_figures
from triage.model.selection import Curve


def test_the_oracle_takes_the_most_rows_that_keep_to_the_target() -> None:
    right = np.array([True, True, False, True])
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    assert oracle_coverage(right, confidence, 0.3) == 1.0  # one of four
    assert oracle_coverage(right, confidence, 0.2) == 0.5
    assert oracle_coverage(~right, confidence, 0.2) == 0.0


def measured(n: int = 1000) -> Measured:
    """Sure and right about the first half, unsure and wrong about the other."""
    probabilities = np.zeros((n, 2), np.float32)
    probabilities[: n // 2] = [0.95, 0.05]
    probabilities[n // 2 :] = [0.6, 0.4]
    truth = (("A",),) * (n // 2) + (("B",),) * (n // 2)
    return Measured("topic", "multiclass", ("A", "B"), truth, probabilities)


def test_figures_at_a_threshold_from_elsewhere() -> None:
    curve = Curve.of(np.ones(500, bool), np.full(500, 0.9))
    found = selective_figures(measured(), curve)["0.05"]
    assert found == {"threshold": 0.9, "coverage": 0.5, "risk": 0.0, "oracle_coverage": 0.5}


def test_without_a_threshold_nothing_stands() -> None:
    curve = Curve.of(np.zeros(500, bool), np.full(500, 0.9))
    found = selective_figures(measured(), curve)["0.05"]
    assert found == {"threshold": None, "coverage": 0.0, "risk": None, "oracle_coverage": 0.5}


def test_out_of_fold_each_fold_stands_at_the_others_threshold() -> None:
    found = cross_fitted_figures(measured(), np.arange(1000) % 5)["0.05"]
    assert found == {"coverage": pytest.approx(0.5), "risk": 0.0, "oracle_coverage": 0.5}
