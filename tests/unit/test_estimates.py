from __future__ import annotations

import numpy as np
import pytest

from triage.workorder.estimates import (
    DEFAULT_STRENGTH,
    STRONGEST,
    WEAKEST,
    mean,
    prior_strength,
    quantile,
    shrunken,
    standardised,
    wilson,
)


def test_wilson_s_interval_is_that_of_the_textbook() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263 gives 0.2553 to 0.3662
    found = wilson(81, 263)
    assert found.value == pytest.approx(0.3080, abs=1e-4)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)


@pytest.mark.parametrize(("hits", "low", "high"), [(0, 0.0, 0.1611), (20, 0.8389, 1.0)])
def test_nothing_and_everything_have_an_interval_too(hits: int, low: float, high: float) -> None:
    # Newcombe (1998): 0 of 20 gives 0 to 0.1611; all of 20 is its mirror
    found = wilson(hits, 20)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


def test_a_share_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing"):
        wilson(0, 0)


def test_groups_that_do_not_differ_lean_as_far_as_may_be() -> None:
    assert prior_strength([(5, 50)] * 10) == STRONGEST


def test_groups_that_are_all_or_nothing_hardly_lean() -> None:
    assert prior_strength([(0, 50), (50, 50)] * 5) == WEAKEST


def test_too_few_groups_lean_by_the_default() -> None:
    assert prior_strength([(0, 50), (50, 50)]) == DEFAULT_STRENGTH
    assert prior_strength([(1, 1)] * 9) == DEFAULT_STRENGTH  # nothing within a group to compare
    assert prior_strength([]) == DEFAULT_STRENGTH


def test_the_strength_of_a_known_prior_is_found_again() -> None:
    rng = np.random.default_rng(1)
    rates = rng.beta(0.8 * 30, 0.2 * 30, size=400)
    groups = [(int(rng.binomial(80, rate)), 80) for rate in rates]
    assert prior_strength(groups) == pytest.approx(30, rel=0.25)


def test_few_orders_lean_on_the_mean_and_many_do_not() -> None:
    assert shrunken(2, 2, mean=0.5, strength=18) == pytest.approx(11 / 20)  # (2 + 9) / (2 + 18)
    assert shrunken(2000, 2000, mean=0.5, strength=18) > 0.99


def test_a_unit_with_hard_matters_is_compared_with_what_others_do_with_them() -> None:
    # 60 of 100 where everybody's rates for the same matters give 50, and 70 % overall:
    # 60 / 50 x 0.7 = 0.84, although the raw share lies below the overall one
    found = standardised(60, 100, expected=50.0, overall=0.7)
    assert found.value == pytest.approx(0.84)
    assert found.low < 0.84 < found.high <= 1.0


def test_where_nothing_was_to_be_expected_nothing_is_compared() -> None:
    found = standardised(0, 10, expected=0.0, overall=0.0)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 1.0)


def test_quantiles_are_values_that_were_counted() -> None:
    counts = {1.0: 90, 2.0: 6, 5.0: 4}
    assert quantile(counts, 0.5).value == 1.0
    # ranks 85 to 97 of 100: ceil(90 - 5.88) … ceil(90 + 5.88) + 1; ones end at 90, twos at 96
    found = quantile(counts, 0.9)
    assert (found.value, found.low, found.high) == (1.0, 1.0, 5.0)


def test_the_bootstrap_of_a_mean_is_the_same_every_time_and_as_wide_as_theory_says() -> None:
    counts = {1.0: 500, 2.0: 500}
    found = mean(counts)
    assert found == mean(counts)
    assert found.value == 1.5
    # the standard error is 0.5 / sqrt(1000) = 0.0158, twice 1.96 of it is 0.062
    assert found.high - found.low == pytest.approx(0.062, rel=0.2)


def test_one_value_only_has_no_doubt() -> None:
    found = mean({1.0: 20})
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="nothing"):
        mean({})
