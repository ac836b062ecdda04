"""Charts of reports: drawn off screen, the same each time, any label set."""

from __future__ import annotations

import pytest

pytest.importorskip("matplotlib", reason="needs the training extra")

from evaluation.bootstrap import Interval
from evaluation.charts import bars, dots, ranks

pytestmark = pytest.mark.train


def test_labels_that_the_font_lacks_are_numbered_not_warned_about() -> None:
    drawn = ranks({"JT03": 0.2, "一级/油烟": 0.1}, title="x", xlabel="y")
    assert "<!-- JT03 -->" in drawn
    assert "<!-- #1 -->" in drawn


def test_the_same_chart_is_the_same_text() -> None:
    found = [Interval(0.1, 0.0, 0.2), Interval(-0.1, -0.1, -0.1)]
    first, second = (dots(["a", "b"], found, title="B - A", xlabel="d") for _ in range(2))
    assert first == second
    assert first.startswith("<?xml")


def test_bars_stand_from_high_to_low_with_a_line() -> None:
    assert "firebrick" not in bars([1, 100, 10], title="t", ylabel="n")
    with_line = bars([1, 100, 10], title="t", ylabel="n", line=20)
    assert with_line.count("stroke: #b22222") == 1  # firebrick
