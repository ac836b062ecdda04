"""Tables that would make nonsense are refused by name; stamps that are all midnights are days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from triage.errors import InvalidRequest
from triage.trends.panel_file import panel_of, read_panel

DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(60)]


def written(path: Path, head: str, *lines: str) -> Path:
    path.write_text(head + "\n" + "\n".join(lines) + "\n", "utf-8")
    return path


@pytest.mark.parametrize(
    ("head", "row", "code", "field"),
    [
        ("date,count,count", "4,4", "column_twice", "count"),
        ("date,count,mean", "4,4", "column_reserved", "mean"),
        ("date,count,lo-80", "4,4", "column_reserved", "lo-80"),
        ("date,count,rain_mm", "4,0.5", "column_numeric", "rain_mm"),
    ],
)
def test_a_column_that_names_no_series_is_refused(
    tmp_path: Path, head: str, row: str, code: str, field: str
) -> None:
    path = written(tmp_path / "a.csv", head, *(f"{day},{row}" for day in DAYS))
    with pytest.raises(InvalidRequest) as found:
        read_panel(path)
    assert (found.value.code, found.value.field) == (code, field)


def test_a_series_for_nearly_every_row_is_said(tmp_path: Path) -> None:
    lines = [f"{day},4,{n}" for n, day in enumerate(DAYS)]  # whole degrees: not seen by decimals
    read = read_panel(written(tmp_path / "a.csv", "date,count,celsius", *lines))
    assert any("分成了 60 个序列" in note for note in read.notes)


def test_rare_topics_of_counts_are_nothing_to_be_said() -> None:
    table = pl.DataFrame({"date": ["2026-01-01"] * 60, "count": ["1"] * 60,
                          "topic": [f"T{i}" for i in range(60)]})  # fmt: skip
    read = panel_of(table, until=datetime(2026, 1, 31))
    assert (len(read.panel.ids), read.notes) == (60, ())


@pytest.mark.parametrize("count", ["1e300", "10000001"])
def test_a_count_beyond_all_bounds_is_refused(tmp_path: Path, count: str) -> None:
    with pytest.raises(InvalidRequest, match="第 3 行") as found:
        read_panel(written(tmp_path / "a.csv", "date,count", f"{DAYS[0]},1", f"{DAYS[1]},{count}"))
    assert found.value.code == "count_invalid"


def test_stamps_that_are_all_midnights_in_china_are_days(tmp_path: Path) -> None:
    lines = [f"{day}T16:00:00Z,{n}" for n, day in enumerate(DAYS)]  # midnight of the day after
    panel = read_panel(written(tmp_path / "a.csv", "date,count", *lines)).panel
    assert (panel.grain, panel.steps) == ("daily", 60)
    assert panel.label(0) == "2026-01-02"


def test_hours_stay_hours_though_some_are_midnights(tmp_path: Path) -> None:
    lines = [f"2026-01-01T{hour:02d}:00,1" for hour in range(24)]
    assert read_panel(written(tmp_path / "a.csv", "date,count", *lines)).panel.grain == "hourly"


def test_empty_lines_are_no_rows_and_nothing_but_them_is_said(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "date,count", "2026-01-01,3", "", "2026-01-02,4")
    assert read_panel(path).panel.counts.tolist() == [[3.0, 4.0]]
    with pytest.raises(InvalidRequest) as found:
        read_panel(written(tmp_path / "b.csv", "date,count", ""))
    assert found.value.code == "counts_empty"


def test_the_message_on_gaps_says_from_when_to_when(tmp_path: Path) -> None:
    lines = ["1970-01-01,3", *(f"{day},1" for day in DAYS)]
    with pytest.raises(InvalidRequest, match="从 1970-01-01 到 2026-03-01"):
        read_panel(written(tmp_path / "a.csv", "date,count", *lines))
