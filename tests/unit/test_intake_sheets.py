"""The readers that run in a child process, called here directly, and what they pass on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from triage.intake.excel import excel_sheets
from triage.intake.parquet import parquet_sheet
from triage.intake.sheets import LOCKED, Damaged, Locked, SheetStart, from_line, to_line


def test_sheets_come_one_after_the_other_empty_ones_left_out(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("空")
    last = book.create_sheet("第三")
    last.append(["内容"])
    assert book.active is not None
    book.active.append([1, datetime(2026, 1, 2, 3, 4)])
    book.save(tmp_path / "a.xlsx")
    assert list(excel_sheets(tmp_path / "a.xlsx")) == [
        SheetStart("Sheet", 1),
        [1, datetime(2026, 1, 2, 3, 4)],
        SheetStart("第三", 1),
        ["内容"],
    ]


def test_parquet_gives_names_then_the_columns_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"id": [1, 2], "text": ["灯", "水"]}).write_parquet(path)
    assert list(parquet_sheet(path, [])) == [SheetStart(None, 3), ["id", "text"]]
    assert list(parquet_sheet(path, ["text"])) == [SheetStart(None, 3), ["text"], ["灯"], ["水"]]


def test_what_is_neither_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"neither")
    with pytest.raises(Damaged):
        list(excel_sheets(path))
    with pytest.raises(Damaged):
        list(parquet_sheet(path, []))


def test_rows_pass_as_json_with_dates_as_iso_8601() -> None:
    row = ["灯", 1.0, None, datetime(2026, 1, 2), date(2026, 1, 2), Decimal("1.5"), "水".encode()]
    assert from_line(to_line(row)) == [
        "灯",
        1.0,
        None,
        "2026-01-02T00:00:00",
        "2026-01-02",
        "1.5",
        "水",
    ]
    assert from_line(to_line([timedelta(hours=30)])) == ["1 day, 6:00:00"]
    assert from_line(to_line(SheetStart("表", 3))) == SheetStart("表", 3)


def test_a_lock_passes_as_a_lock() -> None:
    with pytest.raises(Locked):
        from_line(to_line(LOCKED))
