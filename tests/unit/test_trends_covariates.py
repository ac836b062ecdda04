"""Weather of a file apart: averaged over zones, whole, and to the end of what is forecast."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from triage.errors import InvalidRequest, UnusableFile
from triage.trends.covariates import read_weather
from triage.trends.panel import DAILY, HOURLY, Panel
from triage.trends.panel_file import read_panel


def panel(grain: str = DAILY, steps: int = 5) -> Panel:
    counts = np.ones((1, steps), np.float32)
    return Panel(grain, (), ((),), datetime(2026, 1, 3), counts, np.zeros(1, np.int64))


def weather(path: Path, days: range, text: str = "{n}") -> Path:
    first = date(2026, 1, 1)
    rows = [f"{first + timedelta(days=n)},{zone},{text.format(n=n + add)}"
            for n in days for zone, add in (("mountain", 0), ("valley", 2))]  # fmt: skip
    path.write_text("date,zone,celsius\n" + "\n".join(rows) + "\n", "utf-8")
    return path


def test_zones_are_averaged_and_days_before_the_counts_are_left_out(tmp_path: Path) -> None:
    found = read_weather(weather(tmp_path / "w.csv", range(10)), panel())
    # the counts begin on the third: n = 2 and 4 there, 3 on average, and one more each day
    assert {name: values.tolist() for name, values in found.items()} == {
        "celsius": [3, 4, 5, 6, 7, 8, 9, 10]
    }


def test_a_day_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="2026-01-06") as found:
        read_weather(weather(tmp_path / "w.csv", range(5)), panel())
    assert found.value.code == "covariate_missing"


def test_weather_of_days_does_not_fit_hours(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest) as found:
        read_weather(weather(tmp_path / "w.csv", range(9)), panel(HOURLY))
    assert found.value.code == "covariate_hourly"


def test_a_file_without_a_column_of_numbers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("date,zone\n2026-01-01,a\n", "utf-8")
    with pytest.raises(UnusableFile, match="至少一列数"):
        read_weather(tmp_path / "w.csv", panel())
    with pytest.raises(UnusableFile, match="无法读取"):
        read_weather(tmp_path / "none.csv", panel())


def rewritten(path: Path, old: str, new: str) -> Path:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    return path


@pytest.mark.parametrize("cell", ["bad", "晴", "inf", "NaN", "1,5", "12°"])
def test_a_cell_that_is_no_number_is_refused_though_another_zone_has_one(
    tmp_path: Path, cell: str
) -> None:
    path = rewritten(weather(tmp_path / "w.csv", range(10)), "valley,7\n", f'valley,"{cell}"\n')
    with pytest.raises(InvalidRequest, match="第 13 行：列 celsius") as found:
        read_weather(path, panel())
    assert (found.value.code, found.value.field) == ("covariate_invalid", "celsius")


def test_an_empty_cell_leaves_the_day_to_the_other_zones(tmp_path: Path) -> None:
    path = rewritten(weather(tmp_path / "w.csv", range(10)), "valley,7\n", 'valley," "\n')
    found = read_weather(path, panel())["celsius"]
    assert found.tolist() == [3, 4, 5, 5, 7, 8, 9, 10]  # 5 instead of (5 + 7) / 2


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("celsius,celsius", "column_twice"),
        ("_row,celsius", "column_reserved"),
        ("celsius,_at", "column_reserved"),
        ("_step,celsius", "column_reserved"),
    ],
)
def test_a_header_that_cannot_be_kept_apart_is_refused(
    tmp_path: Path, header: str, code: str
) -> None:
    path = tmp_path / "w.csv"
    path.write_text(f"date,{header}\n2026-01-03,1,2\n", "utf-8")
    with pytest.raises(InvalidRequest) as found:
        read_weather(path, panel(steps=1))
    assert found.value.code == code


@pytest.mark.parametrize("name", ["_row", "_at"])
def test_a_covariate_of_a_file_of_counts_cannot_have_a_name_of_our_own(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "c.csv"
    path.write_text(f"date,count,{name}\n2026-01-03,1,2\n", "utf-8")
    with pytest.raises(InvalidRequest) as found:
        read_panel(path, covariates=[name])
    assert found.value.code == "column_reserved"
