"""Tables of every format give the same rows by field; damage is named by place."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlwt

from triage.errors import UnusableFile
from triage.intake.headers import Headers
from triage.intake.rows import BrokenRow, Row, Table
from triage.intake.sources import FileType
from triage.intake.tables import read_table

HEADERS = Headers.load()
GRID = [
    ["工单编号", "诉求内容", "姓名", "区县"],
    ["1", "路灯不亮", "李四", "渝中区"],
    ["2", "井盖丢了", "王五", ""],
]
CELLS = [
    {"id": "1", "text": "路灯不亮", "district": "渝中区"},
    {"id": "2", "text": "井盖丢了", "district": ""},
]


def table(path: Path) -> Table:
    return read_table(path, HEADERS)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def rows_of(path: Path) -> list[Row | BrokenRow]:
    return list(table(path).rows)


def cells_of(path: Path) -> list[dict[str, object]]:
    rows = rows_of(path)
    assert all(isinstance(row, Row) for row in rows)
    return [dict(row.cells) for row in rows if isinstance(row, Row)]


def write_xlsx(path: Path, *sheets: list[list[object]], hidden: bool = False) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for number, grid in enumerate(sheets, start=1):
        sheet = workbook.create_sheet(f"表{number}")
        for row in grid:
            sheet.append(row)
    if hidden:
        workbook.worksheets[0].sheet_state = "hidden"
    workbook.save(path)
    return path


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_delimited_files_of_any_delimiter_and_encoding_are_read(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    text = "\r\n".join(delimiter.join(row) for row in GRID)
    found = table(write(tmp_path / "a.txt", text, encoding))
    assert (found.type, found.delimiter) == (FileType.CSV, delimiter)
    assert found.unused == ("姓名",)
    assert [dict(row.cells) for row in found.rows if isinstance(row, Row)] == CELLS


def test_xlsx_is_read(tmp_path: Path) -> None:
    assert cells_of(write_xlsx(tmp_path / "a.xlsx", [list(row) for row in GRID])) == CELLS


def test_xls_is_read(tmp_path: Path) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("表")
    for i, row in enumerate(GRID):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell)
    workbook.save(str(tmp_path / "a.xls"))
    assert cells_of(tmp_path / "a.xls") == CELLS
    assert cells_of((tmp_path / "a.xls").rename(tmp_path / "a.xlsx")) == CELLS


def test_parquet_is_read_with_lists_and_without_the_columns_that_feed_nothing(
    tmp_path: Path,
) -> None:
    frame = pl.DataFrame(
        {"id": [7, 8], "text": ["a", None], "x": [1, 2], "flags": [["B", "C"], []]}
    )
    frame.write_parquet(tmp_path / "a.parquet")
    found = table(tmp_path / "a.parquet")
    assert found.unused == ("x",)
    assert [dict(row.cells) for row in found.rows if isinstance(row, Row)] == [
        {"id": 7, "text": "a", "flags": ["B", "C"]},
        {"id": 8, "text": None, "flags": []},
    ]


def test_jsonl_is_read_and_a_bad_line_is_one_broken_row(tmp_path: Path) -> None:
    lines = [
        '{"工单编号": "1", "内容": "路灯不亮", "姓名": "李四"}',
        "",
        '{"内容": ',
        "[1]",
        '{"text": "井盖", "flags": ["A"]}',
    ]
    rows = rows_of(write(tmp_path / "a.jsonl", "\n".join(lines)))
    assert [(row.number, getattr(row, "code", None)) for row in rows] == [
        (1, None),
        (3, "json_invalid"),
        (4, "not_an_object"),
        (5, None),
    ]
    assert isinstance(rows[0], Row)
    assert rows[0].cells == {"id": "1", "text": "路灯不亮"}
    assert isinstance(rows[3], Row)
    assert rows[3].cells == {"text": "井盖", "flags": ["A"]}


def test_the_content_decides_the_type_and_not_the_extension(tmp_path: Path) -> None:
    source = write_xlsx(tmp_path / "a.xlsx", [list(row) for row in GRID])
    renamed = source.rename(tmp_path / "a.csv")
    assert table(renamed).type is FileType.XLSX
    assert table(write(tmp_path / "b.xls", "编号,内容\n1,灯\n")).type is FileType.CSV
    assert table(write(tmp_path / "c.txt", '{"text": "灯"}\n')).type is FileType.JSONL


def test_cells_over_several_lines_and_doubled_quotes_are_one_record(tmp_path: Path) -> None:
    text = '编号,内容\n1,"第一行,\n他说""不管""\r\n"\n2,灯\n'
    assert cells_of(write(tmp_path / "a.csv", text)) == [
        {"id": "1", "text": '第一行,\n他说"不管"\r\n'},
        {"id": "2", "text": "灯"},
    ]


def test_old_mac_line_ends_are_line_ends(tmp_path: Path) -> None:
    assert cells_of(write(tmp_path / "a.csv", "编号,内容\r1,灯\r")) == [{"id": "1", "text": "灯"}]


def test_blank_rows_are_passed_over_and_row_numbers_stay_those_of_the_sheet(
    tmp_path: Path,
) -> None:
    rows = rows_of(write(tmp_path / "a.csv", "热线导出,,\n编号,内容,\n,,\n\n1,灯,\n"))
    assert [row.number for row in rows] == [5]


def test_short_rows_lack_their_last_cells(tmp_path: Path) -> None:
    assert cells_of(write(tmp_path / "a.csv", "内容,编号,区县\n灯\n")) == [{"text": "灯"}]


def test_a_row_with_more_cells_than_headers_is_broken(tmp_path: Path) -> None:
    rows = rows_of(write(tmp_path / "a.csv", "编号,内容\n1,灯,坏了\n2,井盖,\n"))
    assert isinstance(rows[0], BrokenRow)
    assert (rows[0].number, rows[0].code) == (2, "row_shape")
    assert isinstance(rows[1], Row)


def test_a_wrong_quote_breaks_its_row_and_those_after_it_until_one_is_whole(
    tmp_path: Path,
) -> None:
    text = '编号,内容\n1,"他说"不管"，\n就走了",x\n2,灯\n3,井盖\n'
    rows = rows_of(write(tmp_path / "a.csv", text))
    assert [(row.number, isinstance(row, Row)) for row in rows] == [
        (2, False),
        (3, False),
        (4, True),
        (5, True),
    ]


def test_a_quote_that_stays_open_is_refused_by_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "编号,内容\n" + "1,灯\n" * 20 + '2,"井盖\n3,灯\n')
    with pytest.raises(UnusableFile, match="从第 22 行开始的引号"):
        rows_of(path)


def test_a_record_beyond_the_limit_is_refused_by_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", '编号,内容\n1,"' + ("x" * 99 + "\n") * 90_000 + '"\n')
    with pytest.raises(UnusableFile, match="从第 2 行开始的一条记录超过 8 MB"):
        rows_of(path)


def test_the_first_visible_sheet_with_a_column_of_texts_is_read(tmp_path: Path) -> None:
    grid: list[list[object]] = [list(row) for row in GRID]
    notes: list[list[object]] = [["说明"], ["本表由系统导出"]]
    hidden: list[list[object]] = [["编号", "内容"], ["9", "隐藏"]]
    path = write_xlsx(tmp_path / "a.xlsx", hidden, notes, grid, [["内容"], ["不读"]], hidden=True)
    found = table(path)
    assert found.sheet == "表3"
    assert len(list(found.rows)) == 2


def test_a_sheet_may_begin_away_from_its_corner(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.cell(3, 2, "内容")
    sheet.cell(4, 2, "灯")
    workbook.save(tmp_path / "a.xlsx")
    rows = rows_of(tmp_path / "a.xlsx")
    assert [(row.number, row.cells) for row in rows if isinstance(row, Row)] == [
        (4, {"text": "灯"})
    ]


def test_a_file_without_a_column_of_texts_is_refused_by_its_headers(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "编号,说法,姓名\n1,灯,李四\n")
    with pytest.raises(UnusableFile, match="没有找到诉求内容列，表头是：编号、说法、姓名；"):
        table(path)


def test_a_file_without_any_header_is_refused_without_quoting_its_first_row(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "a.csv", "李四,13800001111,灯\n王五,13800002222,灯\n")
    with pytest.raises(UnusableFile, match="也没有认得的列名；"):
        table(path)


def test_jsonl_without_any_text_is_refused_at_its_end(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="2 行都没有诉求内容字段"):
        rows_of(write(tmp_path / "a.jsonl", '{"id": 1}\n{"id": 2}\n'))
