"""Fitted calibrations are better than margins, and sane where there is nothing to fit on."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.calibration import debiased_calibration_error
from training.labels import Head
from triage.model.calibration import Link, softmax
from triage.model.model import activate

pytest.importorskip("sklearn", reason="needs the training extra")

from training.calibrate import fit_final, fit_first, link_table

pytestmark = pytest.mark.train
Array = NDArray[np.float32]


def drawn(n: int, k: int) -> tuple[Array, Array]:
    """Scores whose true probabilities are softmax(3 * scores), and labels drawn from those."""
    rng = np.random.default_rng(5)
    scores = rng.normal(-0.5, 0.7, (n, k)).astype(np.float32)
    true = softmax(3 * scores)
    labels = (rng.random((n, 1)) < true.cumsum(axis=1)).argmax(axis=1)
    return scores, np.eye(k, dtype=np.float32)[labels]


@pytest.mark.parametrize("k", [4, 20])  # few labels get weights of their own, many share them
def test_multiclass_probabilities_are_calibrated(k: int) -> None:
    scores, y = drawn(4000, k)
    probabilities = softmax(fit_first(scores, y).logits(scores, {}))
    right = probabilities.argmax(axis=1) == y.argmax(axis=1)
    assert debiased_calibration_error(right, probabilities.max(axis=1)) < 0.03


def test_rows_that_nobody_labelled_do_not_count() -> None:
    scores, y = drawn(600, 4)
    more = np.vstack([y, np.full((50, 4), np.nan, np.float32)])
    padded = np.vstack([scores, np.full((50, 4), 9, np.float32)])
    one, other = fit_first(scores, y), fit_first(padded, more)
    assert one.weights.tolist() == other.weights.tolist()


def test_a_link_helps_where_the_other_head_knows_more() -> None:
    scores, y = drawn(2000, 3)
    noise = np.random.default_rng(1).normal(size=(2000, 3)).astype(np.float32)
    other = {"unit": softmax(3 * scores)}
    link = Link("unit", link_table(y, y))
    head = Head("topic", "multiclass", ("a", "b", "c"))
    alone = fit_final(head, noise, y, {}, [])
    linked = fit_final(head, noise, y, other, [link])
    truth = y.argmax(axis=1)
    hits = [float((c.logits(noise, other).argmax(axis=1) == truth).mean()) for c in (alone, linked)]
    assert hits[1] > hits[0] + 0.2


def test_a_link_table_by_hand() -> None:
    source = np.array([[1, 0], [1, 0], [0, 1], [np.nan, np.nan]], np.float32)
    y = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], np.float32)
    # rate of y: 1/2, 1/2; first source: (2 + 2 * 1/2) / (2 + 2), second: (0 + 1) / (1 + 2)
    assert link_table(source, y).tolist() == [
        pytest.approx([0.75, 0.25]),
        pytest.approx([1 / 3, 2 / 3]),
    ]


def test_labels_that_never_meet_make_a_link_that_says_nothing() -> None:
    source = np.array([[1, 0], [0, 1], [np.nan, np.nan]], np.float32)
    y = np.array([[np.nan], [np.nan], [1]], np.float32)
    assert link_table(source, y).tolist() == [[1.0], [1.0]]
    assert np.isfinite(link_table(source, np.full((3, 2), np.nan, np.float32))).all()


@pytest.mark.parametrize("kind", ["multiclass", "ordinal", "multilabel"])
def test_a_head_that_no_row_labels_falls_back_to_its_margin(kind: str) -> None:
    head = Head("x", kind, ("a", "b", "c"))
    scores = np.array([[1, -1, -1]], np.float32)[:, : head.columns]
    calibration = fit_final(head, scores, np.full_like(scores, np.nan), {}, [])
    found = activate(kind, calibration.logits(scores, {}))
    assert np.isfinite(found).all()
    assert found[0].argmax() == 0


@pytest.mark.parametrize("value", [0, 1])
def test_a_label_of_one_value_gets_a_constant(value: int) -> None:
    head = Head("flags", "multilabel", ("S",))
    scores = np.zeros((30, 1), np.float32)
    calibration = fit_final(head, scores, np.full((30, 1), value, np.float32), {}, [])
    found = activate("multilabel", calibration.logits(scores, {}))
    assert abs(float(found[0, 0]) - value) < 0.01
