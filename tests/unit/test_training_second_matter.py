"""Fitting the scorer of second matters."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn")

from evaluation.matters import Split
from training.second_matter import FALSE_SPLITS, _threshold, link_of

pytestmark = pytest.mark.train


def test_topics_that_met_are_linked_both_ways() -> None:
    pairs = np.array([[0, 1], [0, -1], [1, 0], [2, -1]])
    link = link_of(pairs, 3)
    assert link.shape == (3, 3)
    assert link[0, 1] > link[0, 2]
    # (2 meetings + 2 * half of all ends) / (2 requests of topic 0 + 20)
    assert link[0, 1] == pytest.approx(np.log((2 + 2 * 0.5) / 22 + 1e-5), abs=1e-5)


def test_a_second_topic_without_a_column_links_nothing() -> None:
    assert np.isfinite(link_of(np.array([[0, -2], [1, -1]]), 2)).all()


def test_the_threshold_keeps_false_splits_below_the_ceiling() -> None:
    single = [Split(p, ("A", "B"), ("A",)) for p in np.linspace(0, 0.9, 100)]
    double = [Split(p, ("A", "B"), ("A", "B")) for p in np.linspace(0.5, 1, 20)]
    threshold = _threshold([*single, *double])
    wrong = sum(one.chance >= threshold for one in single)
    assert wrong / 100 <= FALSE_SPLITS
    assert 0.85 < threshold < 0.95
