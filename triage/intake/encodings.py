"""The encoding of a text file, found by strict decoding of every line.

Statistics are not needed: what is valid UTF-8 is UTF-8, and what is not must be GB18030 throughout.
Lines that contradict each other are a file glued together from two sources, and are refused.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from triage.errors import UnusableFile
from triage.intake.sources import unusable

MAX_LINE = 8 * 1024 * 1024
"""Bytes of one line: ten times the longest valid record, so a file without lines ends early."""

# A line that is UTF-8 by chance is short: eight continuation bytes stand for four or more Chinese
# characters, and six random GBK characters form that with a probability below 1e-9.
_SURE = 8


@dataclass(slots=True)
class _Survey:
    """Numbers of the first line of each sort; 0 where there is none."""

    utf8: int = 0
    other: int = 0
    neither: int = 0
    cut: bool = False


def find_encoding(path: Path) -> str:
    """Return the codec that reads the whole file: utf-8, utf-8-sig, utf-16 or gb18030.

    Raises
    ------
    UnusableFile
        For mixed or unknown encodings, naming the line, and for a line beyond `MAX_LINE` bytes.
    """
    with path.open("rb") as file:
        head = file.read(3)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    survey = _survey(path)
    if not survey.other:
        return "utf-8-sig" if head == codecs.BOM_UTF8 else "utf-8"
    if head == codecs.BOM_UTF8 or survey.utf8:
        raise _mixed(path, survey)
    if survey.neither:
        raise unusable(
            path,
            f"第 {survey.neither} 行既不是 UTF-8 也不是 GB18030",
            "请用 Excel 打开后另存为“CSV UTF-8”",
        )
    return "gb18030"


def _survey(path: Path) -> _Survey:
    survey = _Survey()
    number = 0
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise unusable(
                    path,
                    f"第 {number} 行超过 {MAX_LINE // 2**20} MB 仍没有换行",
                    "请核对文件是否为一行一条的表格",
                )
            if not line.isascii():
                _judge(line, number, survey)
    return survey


def _judge(line: bytes, number: int, survey: _Survey) -> None:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        survey.cut = error.reason == "unexpected end of data" and not survey.other
        survey.other = survey.other or number
        if not _is_gb18030(line):
            survey.neither = survey.neither or number
        return
    if not survey.utf8 and (len(line) - len(text) >= _SURE or not _is_gb18030(line)):
        survey.utf8 = number


def _is_gb18030(line: bytes) -> bool:
    try:
        line.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def _mixed(path: Path, survey: _Survey) -> UnusableFile:
    if survey.cut:
        return unusable(
            path, f"第 {survey.other} 行末尾的字符不完整，文件可能被截断", "请重新导出或重新传输"
        )
    known = f"第 {survey.utf8} 行是 UTF-8" if survey.utf8 else "文件以 UTF-8 标记（BOM）开头"
    return unusable(
        path,
        f"混用了两种编码：{known}，第 {survey.other} 行不是",
        "请把两部分分别保存，再一起导入",
    )
