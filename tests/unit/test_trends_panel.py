"""A CSV of counts becomes a panel by rule, or is refused with the row that is to blame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from triage.errors import InvalidRequest, UnusableFile
from triage.trends.panel_file import ReadPanel, read_panel


def read(folder: Path, text: str, *covariates: str) -> ReadPanel:
    path = folder / "counts.csv"
    path.write_text(text, "utf-8")
    return read_panel(path, covariates=covariates)


@pytest.mark.parametrize(
    ("code", "words", "text"),
    [
        ("date_twice", "第 3 行", "date,count\n2026-01-01,1\n2026-01-01,2\n"),
        ("count_invalid", "第 2 行.*-3", "date,count\n2026-01-01,-3\n"),
        ("count_invalid", "第 3 行.*1.5", "date,count\n2026-01-01,1\n2026-01-02,1.5\n"),
        ("count_invalid", "第 2 行.*inf", "date,count\n2026-01-01,inf\n"),
        ("count_invalid", "第 2 行.*很多", "date,count\n2026-01-01,很多\n"),
        ("count_invalid", "第 3 行.*空", "date,count\n2026-01-01,1\n2026-01-02,\n"),
        ("date_invalid", "第 3 行", "date,count\n2026-01-01,1\n2026-02-30,1\n"),
        ("date_invalid", "第 2 行", "date,count\n2026-01-01T08:30,1\n"),
        ("date_invalid", "第 2 行", "date,count\n去年,1\n"),
        ("zone_mixed", "2026-01-01T09:00", "date,count\n2026-01-01T08:00+08:00,1\n"
         "2026-01-01T09:00,1\n2026-01-01T10:00+08:00,1\n"),
        ("zone_mixed", "2026-01-02T00:00", "date,count\n2026-01-01,1\n2026-01-02T00:00,1\n"
         "2026-01-03,1\n"),
        ("gaps_too_many", "超过两成", "date,count\n2026-01-01,1\n2026-01-09,1\n"),
        ("counts_empty", "没有一行有数", "date,count\n2026-01-01,\n"),
        ("dates_far", "太长", "date,count\n0001-01-01,1\n2026-01-01,1\n"),
    ],
)  # fmt: skip
def test_what_cannot_be_forecast_is_refused_by_name(
    tmp_path: Path, code: str, words: str, text: str
) -> None:
    with pytest.raises(InvalidRequest, match=words) as refused:
        read(tmp_path, text)
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["", "when,count\n2026-01-01,1\n", "date,n\n2026-01-01,1\n"])
def test_a_file_without_the_columns_is_unusable(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnusableFile, match=r"counts\.csv"):
        read(tmp_path, text)


def test_stamps_with_offsets_become_chinese_hours(tmp_path: Path) -> None:
    panel = read(tmp_path, "date,count\n2026-01-01T00:00Z,1\n2026-01-01T09:00+08:00,2\n").panel
    assert (panel.grain, panel.label(0)) == ("hourly", "2026-01-01T08:00")
    assert panel.counts.tolist() == [[1, 2]]


def test_a_day_that_only_some_series_lack_is_zero_there(tmp_path: Path) -> None:
    text = "date,topic,count\n2026-01-01,A,3\n2026-01-01,B,1\n2026-01-02,B,2\n"
    panel = read(tmp_path, text).panel
    assert panel.ids == (("A",), ("B",))
    assert panel.counts.tolist() == [[3, 0], [1, 2]]


def test_a_day_without_any_series_is_taken_from_its_weekdays_and_said(tmp_path: Path) -> None:
    days = [f"2026-01-{day:02d},{day}" for day in range(1, 22) if day != 10]
    found = read(tmp_path, "date,count\n" + "\n".join(days) + "\n")
    assert found.panel.counts[0, 9] == 10  # the mean of the 3rd and the 17th
    assert found.notes == ("有 1 步没有数据，用前后同一星期几的平均数补上",)


def test_one_point_and_all_zeros_are_panels(tmp_path: Path) -> None:
    assert read(tmp_path, "date,count\n2026-01-01,3\n").panel.steps == 1
    assert not read(tmp_path, "date,count\n2026-01-01,0\n2026-01-02,0\n").panel.counts.any()


def test_a_series_begins_with_its_first_row_where_zeros_are_written(tmp_path: Path) -> None:
    text = "date,topic,count\n2026-01-01,A,0\n2026-01-02,A,1\n2026-01-02,B,1\n"
    assert read(tmp_path, text).panel.start.tolist() == [0, 1]
    text = "date,topic,count\n2026-01-01,A,2\n2026-01-02,A,1\n2026-01-02,B,1\n"
    assert read(tmp_path, text).panel.start.tolist() == [0, 0]


def test_covariates_of_days_to_come_are_kept_and_a_missing_one_is_refused(tmp_path: Path) -> None:
    text = "date,count,rain\n2026-01-01,1,0\n2026-01-02,2,5\n2026-01-03,,9\n"
    panel = read(tmp_path, text, "rain").panel
    assert panel.steps == 2
    assert np.array_equal(panel.covariates["rain"], [0, 5, 9])
    with pytest.raises(InvalidRequest, match="rain"):
        read(tmp_path, text.replace(",9", ","), "rain")
