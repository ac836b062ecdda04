"""Read files of written cases, one JSON object a line; what a case holds is its builder's business.

An error names the file, the line and what is missing or wrong there, and shows the shape of a line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from triage.errors import UnusableFile
from triage.request import Json

T = TypeVar("T")


def read_lines(path: Path, build: Callable[[Mapping[str, Json]], T], shape: str) -> tuple[T, ...]:
    """Return the cases of a file in order; blank lines are passed over.

    Parameters
    ----------
    build
        Makes a case of a line; a KeyError is a missing field, a ValueError or TypeError a wrong
        one, its message being for the person who keeps the file.
    shape
        What a line looks like, such as `{"id", "text"}`; shown with every error.

    Raises
    ------
    UnusableFile
        The file is missing, is no UTF-8 or holds no case, or a line is no case.
    """
    try:
        content = path.read_text("utf-8")
    except OSError as error:
        reason = f"{error.strerror}；请检查路径"
        raise UnusableFile(f"无法读取用例文件 {path}：{reason}") from error
    except UnicodeDecodeError as error:
        reason = f"不是 UTF-8（第 {error.start + 1} 个字节）；请另存为 UTF-8"
        raise UnusableFile(f"无法读取用例文件 {path}：{reason}") from error
    cases: list[T] = []
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            cases.append(build(_object(line)))
        except (KeyError, ValueError, TypeError) as error:
            where = f"{path} 第 {number} 行不是用例"
            raise UnusableFile(f"{where}：{_said(error)}；应为 {shape}") from error
    if not cases:
        raise UnusableFile(f"用例文件 {path} 没有用例；请给出至少一行 {shape}")
    return tuple(cases)


def text_of(row: Mapping[str, Json], name: str) -> str:
    """Return a field that must be text."""
    value = row[name]
    if not isinstance(value, str):
        raise TypeError(f"“{name}” 应为文字")
    return value


def number_of(row: Mapping[str, Json], name: str) -> int:
    """Return a field that must be a whole number."""
    value = row[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"“{name}” 应为整数")
    return value


def list_of(row: Mapping[str, Json], name: str) -> list[Json]:
    """Return a field that must be a list."""
    value = row[name]
    if not isinstance(value, list):
        raise TypeError(f"“{name}” 应为列表")
    return value


def objects_of(row: Mapping[str, Json], name: str) -> list[Mapping[str, Json]]:
    """Return a field that must be a list of JSON objects."""
    found: list[Mapping[str, Json]] = []
    for value in list_of(row, name):
        if not isinstance(value, dict):
            raise TypeError(f"“{name}” 应为对象的列表")
        found.append(value)
    return found


def _object(line: str) -> Mapping[str, Json]:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise TypeError("不是 JSON 对象")
    return row


def _said(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"缺少 “{error.args[0]}”"
    if isinstance(error, json.JSONDecodeError):
        return f"不是 JSON（第 {error.colno} 个字符处）"
    return str(error)
