"""Moments as tables write them, all read as aware UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from triage.intake.cells import cell_id, cell_moment, cell_text
from triage.intake.moments import SHANGHAI, from_cell


@pytest.mark.parametrize(
    "cell",
    [
        "2024-05-01 09:30:00",
        "2024/5/1 9:30",
        "2024.5.1 9:30:00",
        "2024年5月1日 9时30分",
        "2024年05月01日9点30分00秒",
        "2024-5-1 上午 9:30:00",
        "2024/5/1 星期三 9:30",
        "2024-05-01T09:30:00+08:00",
        "2024-05-01T01:30:00Z",
        "2024-05-01 09:30:00.000",
        "20240501T093000",
        datetime(2024, 5, 1, 9, 30),
        datetime(2024, 5, 1, 9, 30, tzinfo=SHANGHAI),
        45413.395833333336,  # 45413 = 2024-05-01 in Excel; 9.5 h / 24 h = 0.3958333…
    ],
)
def test_every_usual_form_is_the_same_moment(cell: object) -> None:
    assert from_cell(cell) == datetime(2024, 5, 1, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["2024年5月1日", "2024/05/01", date(2024, 5, 1), 45413])
def test_a_day_without_time_begins_at_chinese_midnight(cell: object) -> None:
    assert from_cell(cell) == datetime(2024, 4, 30, 16, 0, tzinfo=UTC)


def test_afternoon_hours_count_on_and_noon_stays() -> None:
    assert from_cell("2024-5-1 下午 3:12") == datetime(2024, 5, 1, 7, 12, tzinfo=UTC)
    assert from_cell("2024-5-1 下午 12:00") == datetime(2024, 5, 1, 4, 0, tzinfo=UTC)
    assert from_cell("2024-5-1 上午 12:05") == datetime(2024, 4, 30, 16, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "昨天",
        "2024-13-01",
        "2024-5-1 25:00",
        True,
        3,
        1e300,
        float("nan"),
        float("inf"),
        [],
        b"",
    ],
)
def test_anything_else_is_not_a_moment(cell: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_cell(cell)


def test_stored_moments_are_utc_to_the_second() -> None:
    assert cell_moment("2024-05-01 09:30:00.5") == "2024-05-01T01:30:00Z"
    assert cell_moment(" ") is None


def test_whole_numbers_lose_the_point_that_excel_gave_them() -> None:
    assert cell_text("id", 1001.0) == "1001"
    assert cell_text("id", 0.5) == "0.5"
    assert cell_id("202405010001234567") == "202405010001234567"
