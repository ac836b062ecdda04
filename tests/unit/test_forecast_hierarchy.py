"""Sums above series: which there are, that forecasts of them add up, that none is negative."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

pytest.importorskip("hierarchicalforecast", reason="fitting needs the forecast extra")
from training.forecast.forecasting import Ahead
from training.forecast.hierarchy import Tree, plain, reconciled, with_sums
from triage.trends.panel import Panel

pytestmark = pytest.mark.train
IDS = (("A1", "X"), ("A2", "X"), ("B1", "X"), ("A1", "Y"))
PARENTS = {"topic": {"A1": "甲", "A2": "甲", "B1": "乙"}}


def panel() -> Panel:
    counts = np.array([[1, 2], [3, 4], [5, 6], [7, 8]], np.float32)
    start = np.array([0, 0, 1, 0])
    return Panel("daily", ("topic", "area"), IDS, datetime(2026, 1, 1), counts, start)


def tree() -> Tree:
    return with_sums(panel(), PARENTS)


def said(rows: int, seed: int = 0) -> Ahead:
    mean = np.random.default_rng(seed).uniform(0, 20, (rows, 3)).astype(np.float32)
    wide = mean.astype(float)
    return Ahead(mean, {0.5: wide, 0.9: wide + 5.0}, ("m",) * rows)


def test_sums_are_of_every_pair_of_levels_and_of_more_than_one() -> None:
    found = dict(zip(tree().panel.ids, tree().panel.counts.tolist(), strict=True))
    assert found[("*", "*")] == [16, 20]
    assert found[("甲", "X")] == [4, 6]
    assert found[("甲", "*")] == [11, 14]
    assert found[("A1", "*")] == [8, 10]
    assert ("乙", "X") not in found  # B1 alone
    assert tree().panel.ids[-4:] == IDS


def test_levels_are_named() -> None:
    levels = dict(zip(tree().panel.ids, tree().levels, strict=True))
    assert levels[("*", "*")] == "* × *"
    assert levels[("甲", "X")] == "topic^ × area"
    assert levels[("A1", "X")] == "topic × area"


@pytest.mark.parametrize("seed", range(5))
def test_means_add_up_and_are_not_negative(seed: int) -> None:
    found = reconciled(tree(), said(len(tree().panel.ids), seed))
    bottom = found.mean[-4:]
    assert np.allclose(found.mean, tree().S @ bottom, atol=1e-4)
    assert (found.mean >= 0).all()
    assert (found.quantiles[0.9] >= found.quantiles[0.5]).all()


def test_what_adds_up_already_stays_as_it_is() -> None:
    bottom = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]])
    mean = np.asarray(tree().S @ bottom, np.float32)
    found = reconciled(tree(), Ahead(mean, {0.5: mean.astype(float)}, ("m",) * len(mean)))
    assert np.allclose(found.mean, mean, atol=1e-3)


def test_without_sums_nothing_is_changed() -> None:
    own = said(4)
    assert reconciled(plain(panel()), own) is own
