from __future__ import annotations

import numpy as np
import pytest

from triage.alarms.discovery import adjusted
from triage.alarms.tails import lower_tail, upper_tail


def test_a_poisson_tail_is_what_is_worked_out_by_hand() -> None:
    # mean 1: P(Y >= 2) = 1 - 2/e = 0.26424; P(Y <= 0) = 1/e = 0.36788
    assert upper_tail(np.array([2.0]), np.array([1.0]), np.array([1.0])) == pytest.approx(
        0.26424, rel=2e-3
    )
    assert lower_tail(np.array([0.0]), np.array([1.0]), np.array([1.0])) == pytest.approx(
        0.36788, rel=2e-3
    )


def test_a_negative_binomial_tail_is_what_is_worked_out_by_hand() -> None:
    # mean 2, variance 4: size 2, p = 1/2. P(0) = 1/4, P(1) = 2 * 1/4 * 1/2 = 1/4.
    mean, dispersion = np.array([2.0]), np.array([2.0])
    assert lower_tail(np.array([1.0]), mean, dispersion) == pytest.approx(0.5)
    assert upper_tail(np.array([2.0]), mean, dispersion) == pytest.approx(0.5)


def test_both_tails_overlap_in_one_mass_only() -> None:
    count = np.arange(1.0, 41.0)
    mean, dispersion = np.full(40, 12.0), np.full(40, 1.7)
    both = upper_tail(count, mean, dispersion) + lower_tail(count - 1, mean, dispersion)
    assert both == pytest.approx(np.ones(40))
    assert upper_tail(np.zeros(1), mean[:1], dispersion[:1]) == 1.0


def test_a_small_chance_keeps_its_digits() -> None:
    # P(Y >= 60 | Poisson 10) is about 7e-27: 1 - P(Y < 60) would be 0.
    found = upper_tail(np.array([60.0]), np.array([10.0]), np.array([1.0]))[0]
    assert 1e-28 < found < 1e-25


def test_more_dispersion_makes_the_same_count_less_rare() -> None:
    mean, count = np.full(3, 15.0), np.full(3, 45.0)
    found = upper_tail(count, mean, np.array([1.0, 2.0, 4.0]))
    assert found[0] < found[1] < found[2]


def test_false_discovery_rates_are_those_of_the_procedure() -> None:
    # Sorted 0.01, 0.02, 0.03, 0.5 of four tests: 0.04, 0.04, 0.04, 0.5 after the step-up.
    found = adjusted(np.array([0.03, 0.5, 0.01, 0.02]))
    assert found == pytest.approx([0.04, 0.5, 0.04, 0.04])


def test_tests_that_were_left_out_count_all_the_same() -> None:
    assert adjusted(np.array([0.001]), tests=1_000) == pytest.approx([1.0])
    assert adjusted(np.zeros(0)).size == 0
    with pytest.raises(ValueError, match="tests = 1"):
        adjusted(np.array([0.1, 0.2]), tests=1)
