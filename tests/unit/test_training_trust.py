"""Judges fitted on held-out probabilities: sure where the truth was, and for natural rows only."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the training extra")

from evaluation.truth import Example
from training.labels import Head
from training.trust import grouping, judge
from triage.catalogue import Catalogue
from triage.model.trust import TOPIC_L1

pytestmark = pytest.mark.train
HEADS = (Head("topic", "multiclass", ("SR03", "SR02", "HJ01")),)
N = 1200


def made(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Targets and probabilities; what is said with 0.8 is right in 95 %, with 0.4 in 50 %."""
    rng = np.random.default_rng(seed)
    sure = rng.random(N) < 0.5
    first = rng.integers(0, 3, N)
    right = rng.random(N) < np.where(sure, 0.95, 0.5)
    truth = np.where(right, first, (first + 1) % 3)
    probabilities = np.full((N, 3), 0.1, np.float32)
    probabilities[~sure] = 0.3
    probabilities[np.arange(N), first] = np.where(sure, 0.8, 0.4)
    return np.eye(3, dtype=np.float32)[truth], probabilities


def examples(*, boosted: int = 0) -> list[Example]:
    return [
        Example(str(i), "", "楼下油烟很大" * 5, boosted=True if i < boosted else None)
        for i in range(N)
    ]


def test_first_labels_take_the_share_that_was_right() -> None:
    y, probabilities = made()
    sure = probabilities.max(axis=1) > 0.7
    held_out = {"topic": probabilities}
    judged = judge(examples(), HEADS, {"topic": y}, held_out, np.arange(N) % 5, None)
    first = held_out["topic"].max(axis=1)
    assert first[sure].mean() == pytest.approx(0.95, abs=0.03)
    assert first[~sure].mean() == pytest.approx(0.5, abs=0.05)
    assert set(judged.trusts) == {"topic", TOPIC_L1}


def test_boosted_rows_teach_no_judge() -> None:
    y, probabilities = made()
    y[:600] = np.roll(y[:600], 1, axis=1)  # wrong, but written to be rare
    held_out = {"topic": probabilities.copy()}
    judged = judge(examples(boosted=600), HEADS, {"topic": y}, held_out, np.arange(N) % 5, None)
    assert judged.curves["topic"].answered[-1] == 600


def test_too_few_rows_give_no_judge() -> None:
    y, probabilities = made()
    y[250:] = np.nan
    judged = judge(
        examples(), HEADS, {"topic": y}, {"topic": probabilities}, np.arange(N) % 5, None
    )
    assert judged.trusts == {}


def test_topics_are_grouped_by_the_code_list_and_strange_ones_stand_alone() -> None:
    heads = (Head("topic", "multiclass", ("SR03", "SR02", "X9")),)
    names, group = grouping(heads, Catalogue.load(None))
    assert group == [0, 0, 1]
    assert names[1] == "X9"
