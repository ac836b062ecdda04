"""Files that are no tables, or no longer: each refused by name, with what to do."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from triage.errors import UnusableFile
from triage.intake.headers import Headers
from triage.intake.tables import read_table

HEADERS = Headers.load()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refusal(path: Path) -> str:
    with pytest.raises(UnusableFile) as caught:
        list(read_table(path, HEADERS).rows)
    message = caught.value.message
    assert message.startswith(f"{path}：")
    assert "；" in message
    return message


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "文件是空的"),
        ("a.csv", b"\xef\xbb\xbf\n\n", "没有任何内容"),
        ("a.pdf", b"%PDF-1.7", "这是PDF 文档"),
        ("a.xlsx", b"PK\x03\x04 cut", "Excel 文件不完整"),
        ("a.xls", OLE + b" cut", "无法作为 xls 读取"),
        ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "有打开密码"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table>", "内容是网页"),
        ("a.xls", b"\r\n<?xml version='1.0'?><Workbook/>", "内容是 XML"),
        ("a.json", b'[{"text": "x"}]', "JSON 数组"),
        ("a.jsonl", b"text\nx\n", "2 行都没有诉求内容字段"),
        ("a.parquet", b"PAR1 cut", "无法作为 parquet 读取"),
        ("a.csv.gz", b"\x1f\x8b\x08", "gzip"),
        ("a.csv", b"\x00" * 5000, "没有找到诉求内容列"),
    ],
)
def test_what_is_no_table_is_refused(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert reason in refusal(path)


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    assert "没有这个文件" in refusal(tmp_path / "none.csv")
    assert "这是文件夹" in refusal(tmp_path)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "不是普通文件" in refusal(pipe)


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        ("word/document.xml", "Word"),
        ("xl/workbook.bin", "xlsb"),
        ("工单.csv", "压缩包"),
        ("xl/workbook.xml", "无法作为 xlsx 读取"),
    ],
)
def test_an_archive_that_is_no_workbook_is_refused(
    tmp_path: Path, member: str, reason: str
) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr(member, "x")
    assert reason in refusal(tmp_path / "a.xlsx")


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["编号", "内容"])
    workbook.save(path)
    path.write_bytes(path.read_bytes()[:-200])
    assert "截断" in refusal(path)


def test_a_stray_cell_in_the_last_corner_is_refused_and_ends_no_process(tmp_path: Path) -> None:
    # 1,048,576 rows x 16,384 columns x 32 bytes = 550 GB in calamine.
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["编号", "内容"])
    sheet.cell(1_048_576, 16_384, "x")
    workbook.save(tmp_path / "a.xlsx")
    assert "零星单元格" in refusal(tmp_path / "a.xlsx")


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"text": ["灯"] * 100}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    assert "无法作为 parquet 读取" in refusal(path)


def test_a_parquet_file_without_texts_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"编号": ["1"], "标题": ["灯"]}).write_parquet(tmp_path / "a.parquet")
    assert "表头是：编号、标题" in refusal(tmp_path / "a.parquet")
