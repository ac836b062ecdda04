"""Bootstrap intervals: repeatable, paired, honest about what is undefined."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.bootstrap import difference, interval

RIGHT = np.arange(100) < 80


def share(rows: NDArray[np.int64]) -> float:
    return float(RIGHT[rows].mean())


def test_interval_of_a_share_is_about_its_normal_interval() -> None:
    found = interval(share, 100, resamples=2000)
    assert found.value == 0.8
    # 1.96 * sqrt(0.8 * 0.2 / 100) = 0.078
    assert (found.low, found.high) == pytest.approx((0.722, 0.878), abs=0.02)


def test_two_runs_give_the_same_interval() -> None:
    assert interval(share, 100, resamples=50) == interval(share, 100, resamples=50)


def test_a_narrower_level_gives_a_narrower_interval() -> None:
    wide, narrow = (interval(share, 100, resamples=500, level=level) for level in (0.95, 0.5))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_resamples_without_a_value_are_left_out() -> None:
    def recall(rows: NDArray[np.int64]) -> float:
        return 1.0 if (rows == 0).any() else float("nan")

    assert interval(recall, 3, resamples=50).low == 1.0


def test_an_undefined_figure_has_no_interval() -> None:
    found = interval(lambda rows: float("nan"), 3, resamples=5)
    assert np.isnan([found.value, found.low, found.high]).all()


def test_the_difference_of_a_model_to_itself_is_exactly_0() -> None:
    found = difference(share, share, 100, resamples=50)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)


def test_pairs_make_the_interval_of_a_difference_narrow() -> None:
    better = RIGHT | (np.arange(100) == 99)  # the same but for one row

    found = difference(lambda rows: float(better[rows].mean()), share, 100, resamples=500)
    assert found.value == pytest.approx(0.01)
    assert found.low == 0.0
    assert found.high <= 0.04  # unpaired, it would reach about 0.1


@pytest.mark.parametrize(("n", "resamples", "level"), [(0, 10, 0.9), (5, 0, 0.9), (5, 10, 1.0)])
def test_nonsense_is_a_programmers_mistake(n: int, resamples: int, level: float) -> None:
    with pytest.raises(ValueError, match="need n"):
        interval(share, n, resamples=resamples, level=level)
