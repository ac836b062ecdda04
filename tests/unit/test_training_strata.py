"""Folds spread each label evenly."""

from __future__ import annotations

import pytest

pytest.importorskip("scipy")

import numpy as np

from evaluation.truth import Example
from training.split import assign_folds

pytestmark = pytest.mark.train


def test_a_rare_topic_is_in_every_fold() -> None:
    examples = [
        Example(id=str(i), title="", text=f"{i}号甲事{chr(0x4E00 + i * 7)}", topic="常见")
        for i in range(95)
    ] + [
        Example(id=f"r{i}", title="", text=f"{i}号乙事{chr(0x6E00 + i * 7)}", topic="罕见")
        for i in range(5)
    ]
    fold = assign_folds(examples, folds=5, how="group", seed=1)
    assert sorted(fold[95:].tolist()) == [0, 1, 2, 3, 4]
    assert np.bincount(fold).tolist() == [20] * 5
