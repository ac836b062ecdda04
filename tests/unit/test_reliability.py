"""Calibration error, reliability bins and coverage curves against hand-worked examples."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.calibration import (
    accuracy_at,
    calibration_error,
    coverage_curve,
    debiased_calibration_error,
    equal_mass,
    equal_width,
)

RIGHT = np.array([True, True, True, False])
CONFIDENCE = np.array([0.9, 0.9, 0.6, 0.6])


def test_expected_calibration_error_by_hand() -> None:
    # bin (0.8, 0.9]: right 1.0, said 0.9; bin (0.5, 0.6]: right 0.5, said 0.6; both gaps 0.1
    assert calibration_error(RIGHT, CONFIDENCE, 10) == pytest.approx(0.1)


def test_confidences_of_0_and_1_have_bins() -> None:
    right, confidence = np.array([False, True]), np.array([0.0, 1.0])
    assert calibration_error(right, confidence) == 0.0
    assert equal_width(right, confidence, 15).count.tolist() == [1, 1]


def test_debiased_error_takes_the_noise_of_each_share_out() -> None:
    # one bin of ten, said 0.5, right 0.9: 0.16 less 0.9 * 0.1 / 9 = 0.15
    nine_of_ten = np.arange(10) > 0
    assert debiased_calibration_error(nine_of_ten, np.full(10, 0.5)) == pytest.approx(0.15**0.5)
    # said 0.8, right 0.8: 0 less noise counts as 0
    eight_of_ten = np.arange(10) > 1
    assert debiased_calibration_error(eight_of_ten, np.full(10, 0.8)) == 0.0


def test_debiased_square_of_a_perfect_model_is_0_on_average() -> None:
    rng = np.random.default_rng(1)
    plain, debiased = [], []
    for _ in range(100):
        confidence = rng.beta(4, 1.2, 200)
        right = rng.random(200) < confidence
        plain.append(calibration_error(right, confidence))
        debiased.append(debiased_calibration_error(right, confidence))
    assert np.mean(plain) > 0.05  # the usual figure blames a perfect model on 200 rows
    assert np.median(debiased) < 0.02


def test_debiased_error_finds_overconfidence() -> None:
    rng = np.random.default_rng(2)
    confidence = 0.6 + 0.4 * rng.random(4000)
    right = rng.random(4000) < confidence - 0.1
    assert debiased_calibration_error(right, confidence) == pytest.approx(0.1, abs=0.02)


def test_equal_confidences_are_never_parted() -> None:
    confidence = np.array([0.5] * 7 + [0.9] * 3)
    right = np.arange(10) % 2 == 0
    shuffled = np.random.default_rng(0).permutation(10)
    bins = equal_mass(right, confidence, 5)
    assert bins.count.tolist() == [7, 3]
    assert equal_mass(right[shuffled], confidence[shuffled], 5).right.tolist() == (
        bins.right.tolist()
    )


def test_equal_mass_bins_hold_about_equal_numbers_where_nothing_ties() -> None:
    confidence = np.linspace(0.1, 0.99, 100)
    assert set(equal_mass(confidence > 0.5, confidence, 10).count.tolist()) <= {9, 10, 11}


def test_coverage_curve_by_hand() -> None:
    right = np.array([True, False, True, False])
    coverage, accuracy = coverage_curve(right, np.array([0.9, 0.8, 0.7, 0.6]))
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert accuracy.tolist() == pytest.approx([1.0, 0.5, 2 / 3, 0.5])


def test_requests_of_equal_confidence_are_answered_together() -> None:
    coverage, accuracy = coverage_curve(RIGHT, CONFIDENCE)
    assert coverage.tolist() == [0.5, 1.0]
    assert accuracy.tolist() == [1.0, 0.75]


def test_accuracy_at_a_coverage_answers_at_least_that_share() -> None:
    assert accuracy_at(0.5, RIGHT, CONFIDENCE) == 1.0
    assert accuracy_at(0.6, RIGHT, CONFIDENCE) == 0.75


def test_empty_input_is_a_programmers_mistake() -> None:
    nothing = np.empty(0, np.bool_)
    for function in (calibration_error, coverage_curve):
        with pytest.raises(ValueError, match="positive lengths"):
            function(nothing, np.empty(0))


@pytest.mark.train
def test_reliability_bins_equal_scikit_learns() -> None:
    calibration = pytest.importorskip("sklearn.calibration")
    rng = np.random.default_rng(4)
    confidence = rng.random(500)
    right = rng.random(500) < confidence**2
    share, mean = calibration.calibration_curve(right, confidence, n_bins=15)
    bins = equal_width(right, confidence, 15)
    assert bins.right == pytest.approx(share)
    assert bins.confidence == pytest.approx(mean)
