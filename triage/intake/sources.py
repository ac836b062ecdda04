"""Files as they are handed in: is there anything to read, and what kind of file is it.

The content decides; the extension only separates the text formats from each other. Files that look
like tables and are not (a web page called .xls, a Word document) are refused by name.
"""

from __future__ import annotations

import zipfile
from enum import Enum
from pathlib import Path

from triage.errors import UnusableFile

_HEAD = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = {
    b"%PDF": "PDF 文档",
    b"\x1f\x8b": "gzip 压缩包",
    b"7z\xbc\xaf": "7z 压缩包",
    b"Rar!": "RAR 压缩包",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"GIF8": "图片",
    b"SQLite format 3": "SQLite 数据库",
}
_JSON_NAMES = {".jsonl", ".ndjson", ".json"}


class FileType(Enum):
    """The table formats that are read."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    XLS = "xls"
    PARQUET = "parquet"


def unusable(path: Path, what: str, remedy: str) -> UnusableFile:
    """Return the error for a file that cannot be read."""
    return UnusableFile(f"{path}：{what}；{remedy}")


def file_type(path: Path) -> FileType:
    """Tell what kind of table a file holds.

    Raises
    ------
    UnusableFile
        When there is no such file, it is empty, may not be read, or is no table.
    """
    head = _head(path)
    if head.startswith(b"PK"):
        return _zipped(path)
    if head.startswith(_OLE):
        return FileType.XLS
    if head.startswith(b"PAR1"):
        return FileType.PARQUET
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            raise unusable(path, f"这是{name}，不是表格", _remedy())
    return _textual(path, head)


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise unusable(path, "这是文件夹", "请给出其中的文件")
    if not path.exists():
        raise unusable(path, "没有这个文件", "请核对路径")
    if not path.is_file():
        raise unusable(path, "不是普通文件", "请先存成文件再导入")
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise unusable(path, f"无法读取（{error.strerror}）", "请核对文件的权限") from error
    if not head:
        raise unusable(path, "文件是空的", "请重新导出")
    return head


def _zipped(path: Path) -> FileType:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise unusable(
            path, "Excel 文件不完整，可能在传输中被截断", "请重新导出或重新传输"
        ) from error
    if "xl/workbook.xml" in names:
        return FileType.XLSX
    if "xl/workbook.bin" in names:
        raise unusable(path, "不支持 xlsb 格式", "请在 Excel 中另存为 .xlsx")
    if "word/document.xml" in names:
        raise unusable(path, "这是 Word 文档，不是表格", _remedy())
    raise unusable(path, "这是压缩包，不是表格", "请先解压，再导入其中的文件")


def _textual(path: Path, head: bytes) -> FileType:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta")):
        raise unusable(path, "内容是网页（HTML），不是表格", "请用 Excel 打开后另存为 .xlsx")
    if start.startswith(b"<?xml"):
        raise unusable(path, "内容是 XML，不是表格", "请用 Excel 打开后另存为 .xlsx")
    is_json = path.suffix.lower() in _JSON_NAMES
    if start.startswith(b"[") and is_json:
        raise unusable(path, "内容是 JSON 数组", "请改成 JSONL：一行一个 JSON 对象")
    if start.startswith(b"{") or is_json:
        return FileType.JSONL
    return FileType.CSV


def _remedy() -> str:
    return "支持 CSV、XLSX、XLS、JSONL 和 Parquet，请另存为其中一种"
