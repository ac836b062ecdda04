"""The dense block is standardised for fitting, and the runtime needs to know nothing of that."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the training extra")

import scipy.sparse as sp

from training.dense import Standard, beside, choose_scale
from training.heads import Columns, Plan
from training.labels import Head

pytestmark = pytest.mark.train


def test_standardised_rows_have_a_mean_square_length_of_one() -> None:
    vectors = np.array([[1, 10, 7], [3, 30, 7]], np.float32)
    # each varying column becomes ±1/√3, the constant one 0
    third = 1 / 3**0.5
    assert Standard.of(vectors).apply(vectors) == pytest.approx(
        np.array([[-third, -third, 0], [third, third, 0]])
    )


def test_weights_for_raw_vectors_give_the_scores_of_the_standardised_ones() -> None:
    rng = np.random.default_rng(0)
    Z = rng.normal(2, 3, (5, 4)).astype(np.float32)
    X = sp.csr_matrix(rng.random((5, 3)).astype(np.float32))
    standard = Standard.of(Z)
    fitted = Columns(rng.normal(size=(7, 2)).astype(np.float32), np.array([1, -1], np.float32))
    columns, own = standard.unapply(fitted, 0.5)
    expected = beside(X, standard.apply(Z), 0.5) @ fitted.weights + fitted.bias
    assert X @ columns.weights + Z @ own + columns.bias == pytest.approx(expected, abs=1e-5)
    assert (columns.weights.shape, own.shape) == ((3, 2), (4, 2))


def chosen(signal: float, candidates: tuple[float, ...]) -> float:
    """Choose a scale where vectors bear the label in a share of rows and n-grams never do."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 400)
    y = np.eye(2, dtype=np.float32)[truth]
    X = sp.csr_matrix(rng.normal(size=(400, 5)).astype(np.float32))
    Z = (signal * (2 * truth - 1)[:, None] + rng.normal(size=(400, 3))).astype(np.float32)
    head = Head("topic", "multiclass", ("a", "b"))
    return choose_scale(
        candidates, [head], [Plan(1.0)] * 2,
        train=(X[:300], Z[:300], y[:300], np.ones(300)), held=(X[300:], Z[300:], y[300:]),
    )  # fmt: skip


def test_vectors_that_tell_are_given_weight() -> None:
    assert chosen(2.0, (1e-6, 1.0)) == 1.0


def test_one_candidate_is_not_tried() -> None:
    assert chosen(0.0, (3.0,)) == 3.0


def test_decisions_without_classes_do_not_choose() -> None:
    # urgency is ordinal: with no multiclass head all scales are alike, and the first one stands
    head = Head("urgency", "ordinal", ("0", "1", "2"))
    X = sp.csr_matrix(np.eye(4, dtype=np.float32))
    Z = np.eye(4, dtype=np.float32)
    y = np.array([[1, 1], [0, 1], [0, 0], [0, 1]], np.float32)
    found = choose_scale(
        (2.0, 1.0), [head], [Plan(1.0)] * 2, train=(X, Z, y, np.ones(4)), held=(X, Z, y)
    )
    assert found == 2.0
