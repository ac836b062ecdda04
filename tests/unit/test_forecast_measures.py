"""Measures of forecasts, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.forecast import coverage, mase, mean_absolute, pinball, relative_error

TRUTH = np.array([[2.0, 4.0], [6.0, np.nan]])


def test_absolute_error_leaves_out_what_is_not_known() -> None:
    assert mean_absolute(TRUTH, np.array([[1.0, 4.0], [9.0, 0.0]])) == pytest.approx(4 / 3)


def test_mase_is_relative_to_naive_steps_of_the_history() -> None:
    history = np.array([1.0, 5.0, 3.0, 5.0])  # a season of two: |3-1|, |5-5| → 1
    assert mase(TRUTH, np.array([[1.0, 4.0], [9.0, 0.0]]), history, season=2) == pytest.approx(
        4 / 3
    )
    assert np.isnan(mase(TRUTH, TRUTH, np.array([1.0, 1.0]), season=2))


def test_pinball_weighs_misses_by_the_level() -> None:
    truth, quantile = np.array([[10.0, 10.0]]), np.array([[8.0, 11.0]])
    assert pinball(truth, quantile, 0.9) == pytest.approx((0.9 * 2 + 0.1 * 1) / 2)


def test_coverage_counts_the_ends() -> None:
    low, high = np.array([[2.0, 5.0], [1.0, 0.0]]), np.array([[3.0, 6.0], [6.0, 0.0]])
    assert coverage(TRUTH, low, high) == pytest.approx(2 / 3)


def test_relative_error_is_paired_by_origin() -> None:
    truth = np.zeros((20, 7))
    half = relative_error(truth, truth + 1, truth + 2)
    assert (half.value, half.low, half.high) == (0.5, 0.5, 0.5)
    scale = np.arange(1.0, 21.0)[:, None]  # hard origins are hard for both
    paired = relative_error(truth, truth + scale, truth + 2 * scale)
    assert paired.high - paired.low < 1e-9


def test_nothing_to_compare_with_is_undefined() -> None:
    truth = np.zeros((3, 2))
    assert np.isnan(relative_error(truth, truth, truth).value)
