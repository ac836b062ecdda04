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
    city = json.loads(out.read_text("utf-8"))["city"]
    assert city["last_12"]["origins"] == 12
    levels = city["last_12"]["levels"]
    assert set(levels) == {"* × *", "* × district", "topic^ × *", "topic^ × district",
                           "topic × *", "topic × district"}  # fmt: skip
    assert levels["topic × district"]["series"] == 4
    for one in levels.values():
        assert one["interval"][0] < one["relative_absolute_error"] < 1.0
        assert one["chosen"]["mase"] < one["seasonal_naive"]["mase"]
        assert one["chosen"]["pinball"] < one["seasonal_naive"]["pinball"]
        assert 0.6 < one["chosen"]["coverage_80"] < one["chosen"]["coverage_95"]


def test_hours_of_a_city_are_reported_by_level(triage: Triage, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    words = ("--hours", "172", "--per-day", "1500", "--areas", "1", "--out", out)
    assert triage("measure-forecast", *words) == 0
    city = json.loads(out.read_text("utf-8"))["hours"]["city"]
    assert city["horizon"] == 72
    # 172 days less three ahead; origins five days apart from the 112th on, 112 to 167
    assert city["last_12"]["origins"] == 12
    whole = city["last_12"]["levels"]["* × *"]
    assert whole["relative_absolute_error"] < 1.0
    assert whole["chosen"]["pinball"] < whole["seasonal_naive"]["pinball"]


def test_series_that_were_not_looked_at_are_cut_from_the_data(
    triage: Triage, tmp_path: Path
) -> None:
    rng = np.random.default_rng(3)
    moments = [f"2019/{1 + day // 28 % 12}/{1 + day % 28} 10:{n:02d}:00"
               for day in range(336) for n in range(rng.poisson(2))]  # fmt: skip
    for name in ("messages3_dev.csv", "messages4_dev.csv"):
        folder = tmp_path / "tipdm2020c"
        folder.mkdir(exist_ok=True)
        lines = [f"{moment},甲 {n % 2} A{1 + n % 2}区" for n, moment in enumerate(moments)]
        (folder / name).write_text("time,title\n" + "\n".join(lines) + "\n", "utf-8")
    (tmp_path / "labelled").mkdir()
    (tmp_path / "labelled/train.csv").write_text("title,topic\n甲 0 A1区,ZF01\n", "utf-8")
    (tmp_path / "series").mkdir()
    days = [date(2010, 1, 2) + timedelta(days=n) for n in range(2920)]
    flooding = "\n".join(f"{day},{rng.poisson(3)}" for day in days)
    name = "nyc_street_flooding_daily_2010_2018.csv"
    (tmp_path / "series" / name).write_text("date,count\n" + flooding + "\n", "utf-8")
    out = tmp_path / "report.json"
    assert triage("measure-forecast", "--unseen", tmp_path, "--out", out) == 0
    found = json.loads(out.read_text("utf-8"))["unseen"]
    assert list(found["messages by place"]["series"]) == ["A1区", "A2区"]
    assert list(found["messages by topic"]["series"]) == ["ZF"]
    early = found["311 street flooding, earlier years"]
    assert early["series"]["without the last 5 years"]["last_40"]["origins"] == 40
    low, high = found["messages by place"]["pooled"]["last_40"]["interval"]
    assert low < found["messages by place"]["pooled"]["last_40"]["relative_absolute_error"] < high


def test_nothing_to_measure_is_refused(triage: Triage, tmp_path: Path) -> None:
    assert triage("measure-forecast", "--out", tmp_path / "a.json") == 2
    assert triage("measure-forecast", "--series", tmp_path, "--out", tmp_path / "a.json") == 2
    assert triage("measure-forecast", "--unseen", tmp_path, "--out", tmp_path / "a.json") == 2
