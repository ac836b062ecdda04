"""Read one CSV list into rows of text, and say what is wrong with it as a file.

Encoding, header and number of cells are judged here; what the cells mean is judged in `check`.
Rows are counted as a spreadsheet counts them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from triage.catalogue.problems import Problem
from triage.catalogue.schema import OWN_COLUMN

MAX_BYTES = 20_000_000
"""A list beyond this is not a list: all townships of the country are 3 MB."""
MAX_CELL = 131_072
"""Characters of one cell; more is a lost quotation mark."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list: cells by column, stripped; an absent optional column reads as empty."""

    file: str
    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def problem(self, field: str | None, message: str) -> Problem:
        """Return a finding about this row."""
        return Problem(self.file, self.number, field, self[field] if field else "", message)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns a file must have and may have; None for `optional` allows any."""

    required: tuple[str, ...]
    optional: tuple[str, ...] | None = ()


def read_rows(
    content: bytes, file: str, *, columns: Columns, problems: list[Problem]
) -> tuple[Row, ...]:
    """Return the rows of `content`; what is wrong goes to `problems`.

    Rows with a wrong number of cells are left out; a file whose header is wrong gives no rows.
    """
    text = _decode(content, file, problems)
    if text is None:
        return ()
    reader = bounded(csv.reader(io.StringIO(text, newline=""), strict=True))
    rows: list[Row] = []
    header: list[str] = []
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            stripped = [cell.strip() for cell in cells]
            if not header:
                header = stripped
                if not _header_is_sound(header, file, columns, problems):
                    return ()
            elif not any(stripped):
                continue
            elif len(stripped) != len(header):
                message = f"有 {len(stripped)} 格，表头有 {len(header)} 列；请补齐或检查逗号、引号"
                problems.append(Problem(file, number, None, "", message))
            else:
                rows.append(Row(file, number, dict(zip(header, stripped, strict=True))))
    except csv.Error as error:
        message = f"不是合规的 CSV（{error}）；请检查引号"
        problems.append(Problem(file, number + 1, None, "", message))
    return tuple(rows)


def bounded(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """Pass rows on; raise csv.Error at a cell beyond `MAX_CELL`.

    The csv module's own limit belongs to the whole process, and intake raises it.
    """
    for cells in rows:
        if max(map(len, cells), default=0) > MAX_CELL:
            raise csv.Error(f"一格超过 {MAX_CELL:,} 字")
        yield cells


def read_bytes(path: Path, file: str, problems: list[Problem]) -> bytes | None:
    """Return a file's content, cut just beyond `MAX_BYTES`; None where there is no such file.

    A file that is there and cannot be read becomes a problem, and reads as None too.
    """
    if not path.is_file():
        return None
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"无法读取（{error.strerror}）；请检查权限"
        problems.append(Problem(file, None, None, "", message))
        return None


def _decode(content: bytes, file: str, problems: list[Problem]) -> str | None:
    if len(content) > MAX_BYTES:
        message = f"有 {len(content)} 字节，超过上限 {MAX_BYTES}；这不像一张代码表"
    elif not content.strip():
        message = "文件是空的；第一行须是表头"
    else:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            row = content.count(b"\n", 0, error.start) + 1
            message = "不是 UTF-8 编码；请另存为“CSV UTF-8”"
            problems.append(Problem(file, row, None, "", message))
            return None
    problems.append(Problem(file, None, None, "", message))
    return None


def _header_is_sound(
    header: list[str], file: str, columns: Columns, problems: list[Problem]
) -> bool:
    before = len(problems)

    def complain(column: str, message: str) -> None:
        problems.append(Problem(file, 1, column or None, "", message))

    for column in columns.required:
        if column not in header:
            complain(column, "缺少这一列")
    for column in sorted({column for column in header if header.count(column) > 1}):
        complain(column, "表头重复" if column else "表头有空格子")
    if columns.optional is not None:
        known = {*columns.required, *columns.optional, ""}
        for column in header:
            if column not in known and not column.startswith(OWN_COLUMN):
                complain(column, f"不认识的列；自用的列请以 {OWN_COLUMN} 开头")
    return len(problems) == before
