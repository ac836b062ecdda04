"""Single steps: ranking, urgency by thresholds, evidence spans."""

from __future__ import annotations

import numpy as np
import pytest

from triage.steps.draft import FEW, best
from triage.steps.evidence import LONGEST, strongest
from triage.steps.urgency import UrgencyStep


def test_best_ranks_by_value_then_by_index() -> None:
    row = np.array([0.1, 0.4, 0.1, 0.3, 0.1], np.float32)
    assert best(row, 3) == [1, 3, 0]
    assert best(row, 9) == [1, 3, 0, 2, 4]


@pytest.mark.parametrize(
    ("row", "level"),
    [
        # cumulative 0.55 at level 0 passes 0.5
        ([0.55, 0.05, 0.1, 0.2, 0.1], 0),
        # 0.2, 0.45: level 1 passes 0.4
        ([0.2, 0.25, 0.05, 0.4, 0.1], 1),
        # 0.05, 0.15, 0.4: level 2 passes 0.35
        ([0.05, 0.1, 0.25, 0.5, 0.1], 2),
        # none passes: the more probable of 3 and 4
        ([0.0, 0.1, 0.1, 0.3, 0.5], 4),
    ],
)
def test_a_level_is_taken_as_soon_as_its_threshold_is_passed(row: list[float], level: int) -> None:
    step = UrgencyStep(["0", "1", "2", "3", "4"], [0.5, 0.4, 0.35])
    assert step.model_level(np.array(row, np.float32))[0] == level


def test_levels_that_the_model_never_saw_are_skipped() -> None:
    step = UrgencyStep(["2", "3"], [0.5, 0.4, 0.35])
    assert step.model_level(np.array([0.36, 0.64], np.float32)) == (2, pytest.approx(0.36))
    assert step.model_level(np.array([0.2, 0.8], np.float32)) == (3, pytest.approx(0.8))


def test_evidence_joins_neighbouring_characters_and_drops_single_ones() -> None:
    #            0    1    2    3    4    5    6
    weights = [0.0, 0.5, 0.4, 0.0, 0.9, 0.0, 0.2]
    assert strongest(np.array(weights, np.float32), 5) == [(1, 3, pytest.approx(0.9))]


def test_many_labels_are_ranked_as_few_are() -> None:
    row = np.zeros(2 * FEW, np.float32)
    row[[FEW + 3, 7, FEW + 1]] = [0.2, 0.2, 0.6]
    assert best(row, 4) == [FEW + 1, 7, FEW + 3, 0]


def test_evidence_takes_no_run_that_is_too_long_to_say_anything() -> None:
    weights = np.array([1, 1] + [0] + [1] * (LONGEST + 1) + [0] + [1] * LONGEST, np.float32)
    assert [run[:2] for run in strongest(weights, 5)] == [(LONGEST + 5, 2 * LONGEST + 5), (0, 2)]


def test_no_weights_give_no_evidence() -> None:
    assert strongest(np.zeros(0, np.float32), 3) == []
    assert strongest(np.full(4, -1.0, np.float32), 3) == []
