"""Series under two names: joined where that is told, pointed out where it looks like it."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

pytest.importorskip("statsforecast", reason="fitting needs the forecast extra")

from training.forecast.renaming import renamed, suspected
from triage.errors import InvalidRequest
from triage.trends.panel import DAILY, Panel

pytestmark = pytest.mark.train


def panel(**series: list[int]) -> Panel:
    counts = np.array(list(series.values()), np.float32)
    ids = tuple((name, "500103") for name in series)
    start = np.zeros(len(ids), np.int64)
    return Panel(DAILY, ("topic", "district"), ids, datetime(2026, 1, 1), counts, start)


def test_a_topic_that_falls_silent_as_another_begins_is_pointed_out() -> None:
    found = suspected(panel(old=[5] * 40 + [0] * 40, new=[0] * 40 + [5] * 40, other=[3] * 80))
    assert len(found) == 1
    assert "old×500103 到 2026-02-09 为止" in found[0]
    assert "new×500103 从 2026-02-10 开始" in found[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([5] * 40 + [0] * 40, [0] * 60 + [5] * 20),  # three weeks between them
        ([5] * 60 + [0] * 20, [0] * 60 + [5] * 20),  # silent for less than four weeks
        ([0, 1] * 10 + [0] * 60, [0] * 20 + [5] * 60),  # ten requests: ended by chance
    ],
)
def test_what_may_well_be_chance_is_not(old: list[int], new: list[int]) -> None:
    assert suspected(panel(old=old, new=new)) == ()


def test_series_are_joined_under_the_name_that_is_told() -> None:
    found = renamed(panel(old=[5, 5, 0, 0], new=[0, 0, 4, 4]), ["old=new"])
    assert found.ids == (("new", "500103"),)
    assert found.counts.tolist() == [[5, 5, 4, 4]]


@pytest.mark.parametrize("text", ["old", "=new", "none=new"])
def test_a_name_that_is_not_there_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as found:
        renamed(panel(old=[5, 5]), [text])
    assert found.value.code == "rename_invalid"


@pytest.mark.parametrize(
    ("names", "word"),
    [
        (["a=b", "b=c"], "'b' 自己也要改名"),
        (["b=c", "a=b"], "'b' 自己也要改名"),
        (["a=a"], "'a' 自己也要改名"),
        (["a=b", "a=c"], "'a' 已改名为 'b'"),
    ],
)
def test_renames_that_contradict_each_other_are_refused(names: list[str], word: str) -> None:
    with pytest.raises(InvalidRequest, match=word) as found:
        renamed(panel(a=[1, 0, 0], b=[0, 1, 0], c=[0, 0, 1]), names)
    assert found.value.code == "rename_invalid"
