"""Figures by level: worked out by hand on two series, two origins, two steps."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from evaluation.forecast_levels import Said, by_level

QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)


def said(truth: list[list[float]], median: float, naive: float) -> Said:
    whole = np.array(truth)
    spread = dict(zip(QUANTILES, (-2.0, -1.0, 0.0, 1.0, 2.0), strict=True))
    full = np.ones_like(whole)
    return Said(
        whole,
        full * (median + 1),
        {q: full * (median + by) for q, by in spread.items()},
        full * naive,
        {q: full * (naive + by) for q, by in spread.items()},
    )


def test_errors_of_a_level_are_added_up_beside_naive() -> None:
    # series 0: truths 5 5, 7 7; series 1: truths 0 0, 9 9; the median is 5, naive says 3
    replay = [said([[5, 5], [0, 0]], 5, 3), said([[7, 7], [9, 9]], 5, 3)]
    found = by_level(["small", "large"], replay, np.array([2.0, 0.0]))
    small, large = (cast(Any, found[name]) for name in ("small", "large"))
    # small: own errors 0 and 2+2 = 4; naive's 2+2 and 4+4 = 12; the mean is 6: 1+1 and 1+1 = 4
    assert small["relative_absolute_error"] == pytest.approx(4 / 12, abs=1e-4)
    assert small["relative_absolute_error_of_mean"] == pytest.approx(4 / 12, abs=1e-4)
    assert small["chosen"]["mase"] == pytest.approx(4 / 4 / 2)  # four steps; its scale is 2
    assert small["seasonal_naive"]["mase"] == pytest.approx(12 / 4 / 2)
    # [4, 6] holds the two fives, [3, 7] all four
    assert (small["chosen"]["coverage_80"], small["chosen"]["coverage_95"]) == (0.5, 1.0)
    # large: own 5+5 and 4+4 = 18; naive's 3+3 and 6+6 = 18; no scale, so no MASE
    assert large["relative_absolute_error"] == 1.0
    assert large["chosen"]["mase"] is None
    assert large["chosen"]["coverage_95"] == 0.0


def test_a_level_holds_all_its_series() -> None:
    found = by_level(["a", "a", "b"], [said([[1, 1], [2, 2], [3, 3]], 1, 2)], np.ones(3))
    assert [one["series"] for one in found.values() if isinstance(one, dict)] == [2, 1]
