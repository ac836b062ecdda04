"""Arguments of jobs: each type reads a JSON value into words of a command line, or refuses it.

A path is relative to the jobs' folder and stays in it, links followed; no word can begin an option.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from triage.errors import TriageError
from triage.request import Json

Reader: TypeAlias = Callable[[str, Json, Path], list[str]]
"""Name, value and folder → words."""
MOST_FILES = 50
_JOB = re.compile(r"J\d{8}-\w+")
"""The folder of a job: nothing but the job itself writes there."""
_WORD = re.compile(r"\w[\w.\-]{0,63}")


class JobRefused(TriageError):
    """A job that cannot be queued or changed; `code` says why."""

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.code = code


def files(option: str) -> Reader:
    """Read a list of files that are there; "" as `option` for words without one."""

    def read(name: str, value: Json, folder: Path) -> list[str]:
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_FILES:
            raise _refused(name, f"应为 1 到 {MOST_FILES} 个文件名的数组")
        words = []
        for item in value:
            path = _inside(name, item, folder)
            if not path.is_file():
                raise _refused(name, f"任务文件夹里没有文件 {item!r}")
            words += [option, str(path)] if option else [str(path)]
        return words

    return read


def output(option: str, suffix: str) -> Reader:
    """Read a file or folder to write; its name ends in `suffix`."""

    def read(name: str, value: Json, folder: Path) -> list[str]:
        path = _inside(name, value, folder)
        if suffix and path.suffix != suffix:
            raise _refused(name, f"应以 {suffix} 结尾")
        if _JOB.fullmatch(path.relative_to(folder.resolve()).parts[0]):
            raise _refused(name, "不能写进另一个任务的文件夹；请换一个名字")
        return [option, str(path)]

    return read


def word(option: str) -> Reader:
    """Read one word of letters, digits, `_`, `.` and `-`."""

    def read(name: str, value: Json, folder: Path) -> list[str]:
        if not isinstance(value, str) or not _WORD.fullmatch(value):
            raise _refused(name, "应为 1 到 64 个字母、数字、汉字、_ . -，不以符号开头")
        return [option, value]

    return read


def choice(option: str, *allowed: str) -> Reader:
    """Read one of a few words."""

    def read(name: str, value: Json, folder: Path) -> list[str]:
        if value not in allowed:
            raise _refused(name, f"应为其中之一：{'、'.join(allowed)}")
        return [option, str(value)]

    return read


def flag(option: str) -> Reader:
    """Read true or false."""

    def read(name: str, value: Json, folder: Path) -> list[str]:
        if not isinstance(value, bool):
            raise _refused(name, "应为 true 或 false")
        return [option] if value else []

    return read


def _inside(name: str, value: Json, folder: Path) -> Path:
    if not isinstance(value, str) or not value or "\0" in value or len(value) > 255:
        raise _refused(name, "应为任务文件夹里的相对路径")
    root = folder.resolve()
    path = (root / value).resolve()
    if Path(value).is_absolute() or path == root or not path.is_relative_to(root):
        raise _refused(name, f"{value!r} 不在任务文件夹里；请写其中的相对路径")
    return path


def _refused(name: str, what: str) -> JobRefused:
    return JobRefused("job_argument", f"参数 {name}：{what}", field=f"arguments.{name}")
