"""The measurements of forecasts: a report for each series, and for each level of a hierarchy."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("statsforecast", reason="fitting needs the forecast extra")

pytestmark = [pytest.mark.train, pytest.mark.slow]
Triage = Callable[..., int]
WEEK = np.array([8, 8, 8, 8, 7, 4, 3])
FIRST = date(2023, 1, 2)


def drawn(n: int, seed: int) -> list[tuple[date, int]]:
    rng = np.random.default_rng(seed)
    return [(FIRST + timedelta(days=i), int(rng.poisson(WEEK[i % 7]))) for i in range(n)]


def test_a_series_is_reported_beside_seasonal_naive(triage: Triage, tmp_path: Path) -> None:
    lines = [f"{day},{count}" for day, count in drawn(250, 1)]
    (tmp_path / "made.csv").write_text("date,count\n" + "\n".join(lines) + "\n", "utf-8")
    out = tmp_path / "report.json"
    assert triage("measure-forecast", "--series", tmp_path, "--out", out) == 0
    found = json.loads(out.read_text("utf-8"))["series"]["made"]["last_12_frozen"]
    assert found["origins"] == 12
    low, high = found["interval"]
    assert low < found["relative_absolute_error"] < high < 1.0  # noise of one week against several
    assert found["chosen"]["mase"] < found["seasonal_naive"]["mase"]
    assert 0.7 < found["chosen"]["coverage_80"] < 0.95


def test_every_level_of_a_city_is_reported(triage: Triage, tmp_path: Path) -> None:
    lines = ["date,topic,district,requests"]
    for seed, (topic, district) in enumerate(
        (topic, district) for topic in ("ZF01", "ZF02") for district in ("500101", "500103")
    ):
        lines += [f"{day},{topic},{district},{count}" for day, count in drawn(520, seed)]
    path, out = tmp_path / "counts.csv", tmp_path / "report.json"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    assert triage("measure-forecast", "--city", path, "--jobs", "1", "--out", out) == 0
    levels = json.loads(out.read_text("utf-8"))["city"]["levels"]
    assert set(levels) == {"* × *", "* × district", "topic^ × *", "topic^ × district",
                           "topic × *", "topic × district"}  # fmt: skip
    assert levels["topic × district"]["series"] == 4
    assert all(one["relative_absolute_error"] < 1.0 for one in levels.values())


def test_nothing_to_measure_is_refused(triage: Triage, tmp_path: Path) -> None:
    assert triage("measure-forecast", "--out", tmp_path / "a.json") == 2
    assert triage("measure-forecast", "--series", tmp_path, "--out", tmp_path / "a.json") == 2
