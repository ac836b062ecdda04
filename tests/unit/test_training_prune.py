"""Which rows of the weights are kept."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs the training extra")

from training.labels import Head
from training.prune import strongest

pytestmark = pytest.mark.train

TOPIC = Head("topic", "multiclass", ("A", "B"))
FLAGS = Head("flags", "multilabel", ("X",))


def test_rows_that_part_the_labels_are_kept_before_heavy_ones_that_do_not() -> None:
    weights = np.array([[5, 5, 0], [1, -1, 0], [0.1, 0.2, 0]], np.float32)
    assert strongest(weights, [TOPIC, FLAGS], 1).tolist() == [1]


def test_each_head_counts_alike_whatever_the_size_of_its_weights() -> None:
    weights = np.array([[100, -100, 0], [1, -1, 0], [0, 0, 0.01]], np.float32)
    assert strongest(weights, [TOPIC, FLAGS], 2).tolist() == [0, 2]


def test_a_row_without_weight_is_never_kept() -> None:
    weights = np.array([[0, 0, 0], [1, -1, 0], [3, 3, 0]], np.float32)
    assert strongest(weights, [TOPIC, FLAGS], 3).tolist() == [1]
