"""One way to open any table: find type, encoding, delimiter and header, then stream its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from triage.errors import UnusableFile
from triage.intake.delimited import DELIMITERS, first_rows, grid_rows
from triage.intake.encodings import find_encoding
from triage.intake.headers import SEARCHED, HeaderRow, Headers
from triage.intake.isolated import isolated_sheets
from triage.intake.jsonlines import json_rows
from triage.intake.reasons import shown
from triage.intake.rows import BrokenRow, GridRow, GridRows, Row, Rows, Table
from triage.intake.sheets import SheetStart
from triage.intake.sources import FileType, file_type, unusable

_NAMED = 12  # headers that an error lists


def read_table(path: Path, headers: Headers) -> Table:
    """Open a table; its rows are read as they are asked for.

    Raises
    ------
    UnusableFile
        When the file is no table or has no column of texts; also while iterating, when damage
        shows only then.
    """
    kind = file_type(path)
    if kind is FileType.CSV:
        return _delimited(path, headers)
    if kind is FileType.JSONL:
        encoding = find_encoding(path)
        rows = json_rows(path, encoding=encoding, headers=headers)
        return Table(path, kind, _with_texts(rows, path), encoding=encoding)
    if kind is FileType.PARQUET:
        return _parquet(path, headers)
    return _sheet(path, kind, headers)


def _delimited(path: Path, headers: Headers) -> Table:
    encoding = find_encoding(path)
    found: list[tuple[int, int, str, HeaderRow]] = []
    heads: dict[str, list[list[object]]] = {}
    refusals: list[UnusableFile] = []
    for delimiter in DELIMITERS:
        try:
            head = first_rows(path, encoding=encoding, delimiter=delimiter, count=SEARCHED)
        except UnusableFile as error:
            refusals.append(error)
            continue
        heads[delimiter] = head
        header = headers.locate(head)
        if header is not None:
            found.append((len(header.fields), header.width, delimiter, header))
    if not found:
        raise refusals[0] if refusals else _no_texts(path, _widest(heads), headers)
    *_, delimiter, header = max(found, key=lambda item: item[:2])
    grid = grid_rows(path, encoding=encoding, delimiter=delimiter, width=header.width)
    return Table(
        path,
        FileType.CSV,
        _named(islice(grid, header.index + 1, None), header),
        encoding=encoding,
        delimiter=delimiter,
        columns=header.columns,
        unused=header.unused,
    )


def _sheet(
    path: Path,
    kind: FileType,
    headers: Headers,
    columns: Sequence[str] = (),
) -> Table:
    """Open the first sheet that has a column of texts."""
    feed = isolated_sheets(path, kind, columns=columns)
    sheet = SheetStart(None, 0)
    number = 0
    seen: list[list[object]] = []
    for item in feed:
        if isinstance(item, SheetStart):
            sheet, number = item, 0
            continue
        number += 1
        if number > SEARCHED:
            continue
        header = headers.locate([item])
        if header is not None:
            return Table(
                path,
                kind,
                _named(_sheet_rows(feed, number, sheet.height, path), header),
                sheet=sheet.name,
                columns=header.columns,
                unused=header.unused,
            )
        seen.append(item)
    raise _no_texts(path, seen, headers)


def _parquet(path: Path, headers: Headers) -> Table:
    """Open a Parquet file, the columns that are read only."""
    names = [
        str(name)
        for item in isolated_sheets(path, FileType.PARQUET)
        if isinstance(item, list)
        for name in item
    ]
    header = headers.locate([names])
    if header is None:
        raise _no_texts(path, [list(names)], headers)
    table = _sheet(path, FileType.PARQUET, headers, list(header.columns))
    return replace(table, unused=header.unused)


def _sheet_rows(
    feed: Iterator[SheetStart | list[object]], number: int, height: int, path: Path
) -> GridRows:
    """Yield the rows of a sheet that follow row `number`."""
    size = path.stat().st_size
    for item in feed:
        if isinstance(item, SheetStart):
            return
        number += 1
        yield GridRow(number, item, size * number // max(height, number))


def _named(grid: GridRows, header: HeaderRow) -> Rows:
    """Turn rows by position into rows by field; rows without any value are passed over."""
    width = header.width
    for row in grid:
        if isinstance(row, BrokenRow):
            yield row
        elif any(not _is_empty(cell) for cell in row.cells[width:]):
            yield BrokenRow(
                row.number,
                "row_shape",
                f"有 {len(row.cells)} 个单元格，表头只有 {width} 列；内容里的分隔符需要用引号括起",
                row.offset,
            )
        elif not all(map(_is_empty, row.cells)):
            size = len(row.cells)
            cells = {f: row.cells[i] for i, f in header.fields.items() if i < size}
            yield Row(row.number, cells, row.offset)


def _with_texts(rows: Rows, path: Path) -> Rows:
    """Pass rows on, and refuse a file of objects none of which has a text."""
    has_text = False
    total = 0
    for row in rows:
        total += 1
        has_text = has_text or (isinstance(row, Row) and "text" in row.cells)
        yield row
    if total and not has_text:
        raise unusable(
            path,
            f"{total} 行都没有诉求内容字段",
            "每行应是含 text 的 JSON 对象，或用 --headers 指明列名",
        )


def _is_empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))


def _widest(heads: dict[str, list[list[object]]]) -> list[list[object]]:
    return max(heads.values(), key=lambda rows: max(map(len, rows), default=0), default=[])


def _no_texts(path: Path, head: list[list[object]], headers: Headers) -> UnusableFile:
    """Return the error for a table without texts; only what is surely a header is quoted.

    The first row of a file without a header is a request, with the requester's name.
    """
    rows = [[str(cell) for cell in row if not _is_empty(cell)] for row in head]
    if not any(rows):
        return unusable(path, "没有任何内容", "请重新导出")
    header = next((row for row in rows if any(map(headers.knows, row))), None)
    found = f"表头是：{'、'.join(map(shown, header[:_NAMED]))}" if header else "也没有认得的列名"
    return unusable(
        path,
        f"没有找到诉求内容列，{found}",
        "请在首行把该列命名为“诉求内容”，或用 --headers 给出列名对照表",
    )
