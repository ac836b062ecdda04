"""Which answers may stand: exact binomial tests from the surest answer downwards."""

from __future__ import annotations

import numpy as np
import pytest

from triage.model.selection import Curve, at_most, fewest


def test_the_binomial_tail_by_hand() -> None:
    # Binomial(3, 0.5): P(0) = 1/8, P(1) = 3/8
    assert at_most(0, 3, 0.5) == pytest.approx(1 / 8)
    assert at_most(1, 3, 0.5) == pytest.approx(4 / 8)
    assert at_most(3, 3, 0.5) == pytest.approx(1)


def test_how_many_answers_without_a_mistake_pass_by_hand() -> None:
    assert 0.98**113 > 0.1 > 0.98**114
    assert fewest(0.02, 0.1) == 114


def test_a_curve_counts_answers_and_mistakes_and_never_parts_ties() -> None:
    right = np.array([True, False, True, True])
    curve = Curve.of(right, np.array([0.9, 0.5, 0.5, 0.2]))
    assert curve.threshold.tolist() == [0.9, 0.5, 0.2]
    assert curve.answered.tolist() == [1, 3, 4]
    assert curve.wrong.tolist() == [0, 1, 1]


def test_without_answers_none_may_stand() -> None:
    curve = Curve.of(np.zeros(0, np.bool_), np.zeros(0))
    assert curve.threshold_for(0.1, 0.1) == float("inf")


def test_the_walk_stops_at_the_first_threshold_that_fails() -> None:
    # the surest 1,000 without a mistake, the next 1,000 all wrong, then 8,000 right again
    right = np.r_[np.ones(1000, bool), np.zeros(1000, bool), np.ones(8000, bool)]
    trust = np.linspace(1, 0, 10_000)
    threshold = Curve.of(right, trust).threshold_for(0.12, 0.1)
    answered = int((trust >= threshold).sum())
    assert 1000 <= answered < 1200  # although 10 % of all 10,000 are wrong, below the target


def test_too_few_answers_give_no_guarantee() -> None:
    curve = Curve.of(np.ones(100, bool), np.linspace(1, 0.5, 100))
    assert curve.threshold_for(0.02, 0.1) == float("inf")  # 114 are needed
    assert curve.threshold_for(0.05, 0.1) == pytest.approx(0.5)  # 45 are needed


@pytest.mark.slow
def test_the_realised_risk_keeps_to_the_target_as_often_as_promised() -> None:
    """Trusts that say exactly how likely an answer is right; 200 draws of 2,000 held-out ones."""
    rng = np.random.default_rng(7)
    fresh = rng.uniform(0.6, 1, 200_000)
    fresh_right = rng.random(len(fresh)) < fresh
    failures = 0
    for _ in range(200):
        trust = rng.uniform(0.6, 1, 2_000)
        curve = Curve.of(rng.random(len(trust)) < trust, trust)
        stands = fresh >= curve.threshold_for(0.1, 0.1)
        failures += bool(stands.any()) and bool((~fresh_right[stands]).mean() > 0.1)
    assert failures <= 200 * 0.1 + 13  # three standard deviations of Binomial(200, 0.1)
