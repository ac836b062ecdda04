"""Heads side by side: maxima, sums and softmax of each one's columns."""

from __future__ import annotations

import numpy as np
import pytest

from triage.model.calibration import softmax
from triage.model.spans import Spans

ROWS = np.array([[1.0, 4.0, 2.0, 3.0, -1.0], [0.0, 0.0, 5.0, 5.0, 5.0]], np.float32)


def test_each_span_has_its_own_maximum_and_sum() -> None:
    spans = Spans([2, 1, 2])
    assert spans.most(ROWS).tolist() == [[4, 2, 3], [0, 5, 5]]
    assert spans.sums(ROWS).tolist() == [[5, 2, 2], [0, 5, 10]]


def test_values_are_spread_over_the_columns_of_their_span() -> None:
    assert Spans([2, 1]).spread(np.array([[7.0, 8.0]])).tolist() == [[7, 7, 8]]


def test_softmax_by_span_equals_softmax_of_each_span_alone() -> None:
    spans = Spans([2, 3])
    expected = np.hstack([softmax(part) for part in spans.cut(ROWS)])
    np.testing.assert_allclose(spans.softmax(ROWS), expected, atol=1e-6)


def test_large_logits_do_not_overflow() -> None:
    found = Spans([2, 1]).softmax(np.array([[1e30, -1e30, 500.0]], np.float32))
    assert found.tolist() == [pytest.approx([1, 0, 1])]


def test_no_rows_stay_no_rows() -> None:
    assert Spans([2, 3]).softmax(ROWS[:0]).shape == (0, 5)
