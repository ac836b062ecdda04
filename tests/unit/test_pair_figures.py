from __future__ import annotations

import numpy as np
import pytest

from evaluation.ngram_cosine import cosine, vectors
from evaluation.pairs import (
    average_precision,
    best_f1,
    precision_at,
    recall_at,
    retrieval_recall,
)

TRUTH = np.array([True, True, False, True, False])
SCORE = np.array([0.9, 0.8, 0.7, 0.6, 0.1])


def test_figures_of_a_hand_example() -> None:
    # precision 1, 1, 2/3, 3/4, 3/5 at recall 1/3, 2/3, 2/3, 1, 1
    assert average_precision(TRUTH, SCORE) == pytest.approx((1 + 1 + 0.75) / 3)
    assert best_f1(TRUTH, SCORE) == pytest.approx(2 * 0.75 / 1.75)
    assert precision_at(0.9, TRUTH, SCORE) == pytest.approx(0.75)
    assert recall_at(0.98, TRUTH, SCORE) == pytest.approx(2 / 3)
    assert recall_at(0.98, ~TRUTH, SCORE) == 0


def test_figures_are_those_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    truth, score = rng.random(400) < 0.2, rng.integers(0, 50, 400) / 50
    assert average_precision(truth, score) == pytest.approx(
        metrics.average_precision_score(truth, score)
    )
    precision, recall, _ = metrics.precision_recall_curve(truth, score)
    assert precision_at(0.9, truth, score) == pytest.approx(precision[recall >= 0.9].max())


def test_no_positive_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="positive"):
        average_precision(np.zeros(3, np.bool_), np.zeros(3))


def test_recall_of_retrieval_counts_no_more_than_can_be_found() -> None:
    wanted = [frozenset("abc"), frozenset("a"), frozenset[str]()]
    found = [["a", "b"], ["x", "y", "a"], ["a"]]
    # k = 2: 2 of min(2, 3), 0 of 1; the third wants nothing
    assert retrieval_recall(wanted, found, 2) == pytest.approx(0.5)


def test_the_baseline_is_scikit_learns_tfidf() -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    texts = ["路灯不亮 A栋", "文昌路路灯坏了", "补办社保卡  要几天", "路灯"]
    vectoriser = text.TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
    theirs = vectoriser.fit_transform(texts)
    ours = vectors(texts)
    expected = (theirs @ theirs.T).toarray()
    for i, one in enumerate(ours):
        for j, other in enumerate(ours):
            assert cosine(one, other) == pytest.approx(expected[i, j])
