"""Metrics against hand-worked examples; against scikit-learn where the training extra is there."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.metrics import (
    accuracy,
    confusion,
    macro_f1,
    micro_f1,
    per_class,
    quadratic_kappa,
    recall_and_precision,
    recall_at_precision,
    top_k,
    wilson,
)

TRUTH = np.array([0, 0, 0, 1, 1, 2])
GUESS = np.array([0, 0, 1, 1, 2, 2])
# class 0: 2 of 2 named right, 2 of 3 found, F1 = 2*2 / (2+3) = 0.8
# class 1: 1 of 2, 1 of 2, F1 = 2*1 / (2+2) = 0.5
# class 2: 1 of 2, 1 of 1, F1 = 2*1 / (2+1) = 2/3


def drawn(n: int = 400, k: int = 7) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Truth and probabilities that follow it, with a class that never occurs."""
    rng = np.random.default_rng(7)
    truth = rng.integers(0, k - 1, n)
    raw = rng.random((n, k)) + 0.8 * np.eye(k)[truth]
    return truth, raw / raw.sum(axis=1, keepdims=True)


def test_figures_of_each_class_by_hand() -> None:
    found = per_class(TRUTH, GUESS, 3)
    assert found["precision"].tolist() == [1.0, 0.5, 0.5]
    assert found["recall"].tolist() == pytest.approx([2 / 3, 0.5, 1.0])
    assert found["f1"].tolist() == pytest.approx([0.8, 0.5, 2 / 3])
    assert found["support"].tolist() == [3, 2, 1]


def test_accuracy_and_macro_f1_by_hand() -> None:
    assert accuracy(TRUTH, GUESS) == pytest.approx(4 / 6)
    assert macro_f1(TRUTH, GUESS, 3) == pytest.approx((0.8 + 0.5 + 2 / 3) / 3)


def test_a_class_without_truth_has_no_f1_of_its_own() -> None:
    # class 2 is guessed once and never true: class 0 loses recall, the mean is over 0 and 1
    truth, guess = np.array([0, 0, 1]), np.array([0, 2, 1])
    assert macro_f1(truth, guess, 4) == pytest.approx((2 / 3 + 1) / 2)


def test_undefined_precision_and_recall_are_zero() -> None:
    found = per_class(np.array([0, 0]), np.array([0, 0]), 3)
    assert [found[name].tolist() for name in ("precision", "recall", "f1")] == [[1, 0, 0]] * 3


def test_top_k_by_hand() -> None:
    probabilities = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.6, 0.3, 0.1]])
    truth = np.array([1, 0, 0])
    assert top_k(truth, probabilities, 1) == pytest.approx(1 / 3)
    assert top_k(truth, probabilities, 2) == pytest.approx(2 / 3)
    assert top_k(truth, probabilities, 3) == 1.0


def test_ties_in_top_k_go_to_the_lower_index() -> None:
    even = np.full((2, 4), 0.25)
    assert top_k(np.array([1, 2]), even, 2) == 0.5


def test_a_truth_beyond_the_columns_is_never_among_the_best() -> None:
    assert top_k(np.array([3, 0]), np.full((2, 3), 1 / 3), 3) == 0.5


def test_quadratic_kappa_by_hand() -> None:
    # one mistake of one step: observed 1; by chance 4*2/3 + 1/3 + 2/3 + 4/3 = 5; 1 - 1/5
    assert quadratic_kappa(np.array([0, 1, 2]), np.array([0, 2, 2]), 3) == pytest.approx(0.8)


def test_quadratic_kappa_of_one_and_the_same_class_is_1() -> None:
    assert quadratic_kappa(np.array([3, 3]), np.array([3, 3]), 5) == 1.0
    assert quadratic_kappa(np.array([3, 3]), np.array([4, 4]), 5) == 0.0


def test_confusion_has_truth_in_rows() -> None:
    assert confusion(TRUTH, GUESS, 3).tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]


def test_recall_at_precision_by_hand() -> None:
    positive, score = np.array([True, False, True, True]), np.array([0.9, 0.8, 0.7, 0.6])
    # precision after each: 1, 1/2, 2/3, 3/4; recall 1/3, 1/3, 2/3, 1
    assert recall_at_precision(positive, score, 0.75) == 1.0
    assert recall_at_precision(positive, score, 0.8) == pytest.approx(1 / 3)


def test_equal_scores_stand_or_fall_together() -> None:
    positive, score = np.array([True, False, True]), np.array([0.9, 0.9, 0.1])
    assert recall_at_precision(positive, score, 0.9) == 0.0
    assert recall_at_precision(positive, score, 0.6) == 1.0


def test_recall_at_precision_without_positives_is_0() -> None:
    assert recall_at_precision(np.zeros(3, np.bool_), np.array([0.3, 0.2, 0.1]), 0.5) == 0.0


def test_recall_and_precision_say_nothing_where_there_is_nothing() -> None:
    yes, no = np.ones(2, np.bool_), np.zeros(2, np.bool_)
    assert recall_and_precision(yes, yes) == (1.0, 1.0)
    assert np.isnan(recall_and_precision(no, yes)[0])
    assert np.isnan(recall_and_precision(yes, no)[1])


def test_micro_f1_by_hand() -> None:
    truth = np.array([[True, False], [True, True]])
    guess = np.array([[True, True], [False, True]])
    assert micro_f1(truth, guess) == pytest.approx(2 * 2 / (3 + 3))
    assert micro_f1(truth & False, guess & False) == 1.0


def test_wilson_interval_by_hand() -> None:
    assert wilson(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)
    low, high = wilson(1.0, 10)  # n / (n + z^2) = 10 / 13.8415
    assert (low, high) == pytest.approx((0.7225, 1.0), abs=1e-4)


@pytest.mark.parametrize("guess", [np.array([], np.int64), np.array([1, 2])])
def test_empty_or_unequal_input_is_a_programmers_mistake(guess: NDArray[np.int64]) -> None:
    with pytest.raises(ValueError, match="positive lengths"):
        accuracy(np.array([], np.int64), guess)
    with pytest.raises(ValueError, match="positive lengths"):
        per_class(np.array([], np.int64), guess, 3)
    with pytest.raises(ValueError, match="positive lengths"):
        top_k(np.array([], np.int64), np.empty((len(guess), 2)), 1)


@pytest.mark.train
def test_class_figures_equal_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    truth, probabilities = drawn()
    guess = probabilities.argmax(axis=1)
    found = per_class(truth, guess, 7)
    theirs = metrics.precision_recall_fscore_support(truth, guess, labels=range(7), zero_division=0)
    for name, values in zip(("precision", "recall", "f1", "support"), theirs, strict=True):
        assert found[name] == pytest.approx(values)
    assert macro_f1(truth, guess, 7) == pytest.approx(
        metrics.f1_score(truth, guess, labels=np.unique(truth), average="macro")
    )
    assert confusion(truth, guess, 7).tolist() == (
        metrics.confusion_matrix(truth, guess, labels=range(7)).tolist()
    )


@pytest.mark.train
def test_kappa_and_top_k_equal_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    truth, probabilities = drawn()
    guess = probabilities.argmax(axis=1)
    assert quadratic_kappa(truth, guess, 7) == pytest.approx(
        metrics.cohen_kappa_score(truth, guess, labels=range(7), weights="quadratic")
    )
    assert top_k(truth, probabilities, 3) == pytest.approx(
        metrics.top_k_accuracy_score(truth, probabilities, k=3, labels=range(7))
    )


@pytest.mark.train
@pytest.mark.parametrize("precision", [0.3, 0.6, 0.9])
def test_recall_at_precision_equals_scikit_learns_curve(precision: float) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(3)
    positive = rng.random(300) < 0.3
    score = np.round(rng.random(300) + 0.4 * positive, 1)  # many ties
    precisions, recalls, _ = metrics.precision_recall_curve(positive, score)
    assert recall_at_precision(positive, score, precision) == pytest.approx(
        recalls[precisions >= precision].max()
    )


@pytest.mark.train
def test_micro_f1_equals_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(5)
    truth, guess = rng.random((50, 6)) < 0.2, rng.random((50, 6)) < 0.2
    assert micro_f1(truth, guess) == pytest.approx(metrics.f1_score(truth, guess, average="micro"))
