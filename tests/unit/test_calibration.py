"""Scores to probabilities: shapes and sums, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from triage.model.calibration import (
    FLOOR,
    Calibration,
    Link,
    basis,
    expectation,
    ordinal,
    sigmoid,
    softmax,
)
from triage.model.model import activate


def array(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def test_softmax_by_hand() -> None:
    # e^ln2 : e^0 : e^0 = 2 : 1 : 1
    assert softmax(array([np.log(2), 0, 0]))[0].tolist() == pytest.approx([0.5, 0.25, 0.25])


def test_softmax_and_sigmoid_survive_huge_logits() -> None:
    assert softmax(array([1e4, 0, -1e4]))[0].tolist() == [1.0, 0.0, 0.0]
    assert sigmoid(array([-1e4, 0, 1e4]))[0].tolist() == [0.0, 0.5, 1.0]


def test_sigmoid_by_hand() -> None:
    assert sigmoid(array([np.log(3)]))[0, 0] == pytest.approx(0.75)


def test_levels_are_differences_of_cumulative_probabilities() -> None:
    levels = ordinal(array([0.1, 0.3, 0.9]))
    assert levels[0].tolist() == pytest.approx([0.1, 0.2, 0.6, 0.1])


def test_a_threshold_that_falls_below_the_one_before_is_lifted() -> None:
    levels = ordinal(array([0.4, 0.3, 0.8]))
    assert levels[0].tolist() == pytest.approx([0.4, 0.0, 0.4, 0.2])
    assert levels.sum() == pytest.approx(1.0)


def test_own_shapes_of_scores_by_hand() -> None:
    line, curve, hinge = basis(array([-2.0, 0.5]), (), {})
    assert line[0].tolist() == [-2.0, 0.5]
    assert curve[0].tolist() == [0.0, 2.25]
    assert hinge[0].tolist() == [0.0, 0.5]


def test_an_expectation_is_a_mixture_of_table_rows_never_below_the_floor() -> None:
    table = array([0.8, 0.2, 0.0], [0.0, 1.0, 0.0])
    found = expectation(array([0.5, 0.5]), table)
    assert np.exp(found[0]).tolist() == pytest.approx([0.4, 0.6, FLOOR])


def test_logits_by_hand() -> None:
    weights = array([1, 2], [0.5, 0], [0, 1], [2, 1])  # line, curve, hinge, one link
    calibration = Calibration(
        weights, array([0.1, -0.1])[0], (Link("unit", array([0.5, 0.5], [1.0, 0.0])),)
    )
    logits = calibration.logits(array([1.0, -1.0]), {"unit": array([1.0, 0.0])})
    half = np.log(0.5)
    # 0.1 + 1*1 + 0.5*(1+1)^2 + 0*1 + 2*ln 0.5; -0.1 + 2*(-1) + 0*0 + 1*0 + 1*ln 0.5
    assert logits[0].tolist() == pytest.approx([3.1 + 2 * half, -2.1 + half])


@pytest.mark.parametrize("kind", ["multiclass", "ordinal"])
def test_rows_of_one_label_decisions_sum_to_1(kind: str) -> None:
    logits = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32) * 5
    found = activate(kind, logits)
    assert found.sum(axis=1) == pytest.approx(np.ones(50), abs=1e-6)
    assert (found >= 0).all()
    assert found.shape == (50, 5 if kind == "ordinal" else 4)


def test_labels_of_a_multilabel_decision_are_independent() -> None:
    assert activate("multilabel", array([0.0, 0.0]))[0].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("kind", ["multiclass", "ordinal", "multilabel"])
def test_no_rows_give_no_rows(kind: str) -> None:
    assert len(activate(kind, np.empty((0, 3), np.float32))) == 0
