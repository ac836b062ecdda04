"""Tables come back as they were written; damaged ones are refused, and the process lives."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.errors import UnusableFile
from triage.intake.headers import Headers
from triage.intake.rows import BrokenRow, Row
from triage.intake.tables import read_table

pytestmark = pytest.mark.slow

HEADERS = Headers.load()
NAMES = ["工单编号", "诉求内容", "所属区县"]
FIELDS = ["id", "text", "district"]
CELL = st.text(st.characters(codec="utf-8"), max_size=30)
GRID = st.lists(st.tuples(st.just("1"), CELL, CELL), min_size=1, max_size=12)


def read(content: bytes, suffix: str) -> list[Row | BrokenRow]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        path.write_bytes(content)
        return list(read_table(path, HEADERS).rows)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(NAMES)
    for number in range(40):
        sheet.append([number, f"第{number}盏路灯不亮", "渝中区"])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def refuse_or_read(content: bytes, suffix: str) -> None:
    """Read to the end; the one failure let through is a refusal that can be printed."""
    try:
        read(content, suffix)
    except UnusableFile as error:
        error.message.encode()


WORKBOOK = workbook()


@given(
    GRID,
    st.sampled_from([",", "\t", ";"]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
)
def test_a_written_table_is_read_back(
    grid: list[tuple[str, str, str]], delimiter: str, encoding: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([NAMES, *grid])
    rows = read(out.getvalue().encode(encoding), ".csv")
    assert [[row.cells[name] for name in FIELDS] for row in rows if isinstance(row, Row)] == [
        list(cells) for cells in grid
    ]


@given(st.binary(max_size=400), st.sampled_from([b"", b"text\n", '{"内容":'.encode()]))
def test_any_bytes_are_rows_or_a_refusal(content: bytes, start: bytes) -> None:
    for suffix in (".csv", ".jsonl"):
        refuse_or_read(start + content, suffix)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, len(WORKBOOK) - 1), st.integers(0, 255))
def test_a_workbook_with_a_wrong_byte_is_read_or_refused(place: int, byte: int) -> None:
    refuse_or_read(WORKBOOK[:place] + bytes([byte]) + WORKBOOK[place + 1 :], ".xlsx")


@pytest.mark.slow
@given(st.integers(0, len(WORKBOOK) - 1), st.binary(max_size=4))
def test_a_workbook_cut_and_continued_is_read_or_refused(place: int, rest: bytes) -> None:
    refuse_or_read(WORKBOOK[:place] + rest, ".xlsx")
    refuse_or_read(WORKBOOK[:place] + rest + WORKBOOK[place + len(rest) :], ".xlsx")
