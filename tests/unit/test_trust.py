"""How far first labels can be trusted: signals, judges, and what settling does to a row."""

from __future__ import annotations

import math

import numpy as np
import pytest

from triage.model.spans import Spans
from triage.model.trust import TOPIC_L1, Signals, Trust, settle

GROUP = np.array([0, 0, 1])
EXPECTED = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]], np.float32)


def settled(row: list[float], label: int, trust: float, *, stays_first: bool = True) -> np.ndarray:
    rows = np.array([row], np.float32)
    settle(
        rows, Spans([len(row)]), np.array([[label]]), np.array([[trust]]), np.array([stays_first])
    )
    return rows[0]


def test_settling_gives_the_rest_out_in_proportion() -> None:
    assert settled([0.6, 0.3, 0.1], 0, 0.8).tolist() == pytest.approx([0.8, 0.15, 0.05])


def test_no_other_label_overtakes_the_first() -> None:
    row = settled([0.5, 0.4, 0.1], 0, 0.1)  # 0.4 : 0.1 of 0.9 would be 0.72
    assert row[0] == pytest.approx(row[1])
    assert row.sum() == pytest.approx(1)


def test_no_other_label_draws_level_with_the_first_by_rounding() -> None:
    rng = np.random.default_rng(5)
    for _ in range(200):
        row = np.sort(rng.dirichlet(np.ones(7)).astype(np.float32))  # the first label stands last
        assert settled(row.tolist(), 6, 0.01).argmax() == 6


def test_the_first_level_of_the_first_topic_need_not_be_the_most_probable() -> None:
    assert settled([0.3, 0.7], 0, 0.4, stays_first=False).tolist() == pytest.approx([0.4, 0.6])


def test_a_row_that_is_sure_of_one_label_settles_without_dividing_by_nothing() -> None:
    assert settled([1.0, 0.0, 0.0], 0, 0.9).tolist() == pytest.approx([0.9, 0.05, 0.05])


def test_decisions_side_by_side_settle_as_each_alone_does() -> None:
    rows = np.array([[0.6, 0.4, 0.1, 0.7, 0.2], [1.0, 0.0, 0.3, 0.3, 0.4]], np.float32)
    columns, trust = np.array([[0, 3], [0, 4]]), np.array([[0.7, 0.2], [0.9, 0.6]])
    expected = [
        [*settled(row[:2].tolist(), first, one), *settled(row[2:].tolist(), second - 2, other)]
        for row, (first, second), (one, other) in zip(rows, columns, trust, strict=True)
    ]
    settle(rows, Spans([2, 3]), columns, trust, np.array([True, True]))
    assert rows.tolist() == [pytest.approx(row) for row in expected]


def test_first_levels_add_up_their_topics() -> None:
    signals = Signals(("topic",), GROUP, None)
    summed = signals.first_levels(np.array([[0.5, 0.2, 0.3]], np.float32))
    assert summed.tolist() == [pytest.approx([0.7, 0.3])]


def test_signals_by_hand() -> None:
    signals = Signals(("topic", "lead_unit"), GROUP, EXPECTED)
    rows = {
        "topic": np.array([[0.5, 0.2, 0.3]], np.float32),
        "lead_unit": np.array([[0.75, 0.25]], np.float32),
        TOPIC_L1: np.array([[0.7, 0.3]], np.float32),
    }
    [found] = signals.of(rows, [147], [True])
    expected_unit = 0.5 * 0.9 + 0.2 * 0.5 + 0.3 * 0.2  # = 0.61
    assert len(found) == signals.count == 9
    assert found[:2] == pytest.approx([math.log(148) / 5, 1.0])
    assert found[2] == pytest.approx(0, abs=1e-6)  # log odds of 0.5
    assert found[3] == pytest.approx(math.log(0.5001 / 0.3001) / 3)
    assert found[4] == pytest.approx(math.log(3) / 3, abs=1e-6)
    assert found[8] == pytest.approx(math.log(expected_unit / (1 - expected_unit)) / 3, abs=1e-6)


def test_a_judge_is_a_logistic_regression() -> None:
    trust = Trust(np.array([1.0, -2.0], np.float32), np.array([0.0, 0.5], np.float32))
    signals = np.array([[1.0, 0.5], [1.0, 0.5], [1e9, 0.0]])
    found = trust.judge(signals, np.array([0, 1, 0]))
    assert found.tolist() == pytest.approx([0.5, 1 / (1 + math.exp(-0.5)), 1])  # no overflow


def test_a_head_with_a_single_label_is_as_sure_as_can_be() -> None:
    signals = Signals(("only",), None, None)
    [found] = signals.of({"only": np.array([[1.0]], np.float32)}, [0], [False])
    assert found[2:].tolist() == pytest.approx([math.log(0.9999e4) / 3, math.log(1.0001e4) / 3])
