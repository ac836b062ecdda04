"""Lines of a text file, bounded: no line and no record can take the memory away.

Line ends of Windows, Unix and old Macs are all ends of lines, and are left in place.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from triage.intake.encodings import MAX_LINE
from triage.intake.sources import unusable


class LineFeed:
    """An iterator over lines that counts them and what one record has taken so far."""

    def __init__(self, path: Path, raw: BinaryIO, encoding: str) -> None:
        """Take a file opened for bytes and the codec that `find_encoding` found."""
        self.path = path
        self.number = 0
        self.record_start = 1
        self.is_exhausted = False
        self._raw = raw
        self._file = io.TextIOWrapper(raw, encoding=encoding, newline="")
        self._pending = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = self._file.readline(MAX_LINE)
        except UnicodeError as error:
            raise unusable(
                self.path, f"第 {self.number + 1} 行附近无法解码", "请另存为 UTF-8 编码"
            ) from error
        if not line:
            self.is_exhausted = True
            raise StopIteration
        self.number += 1
        self._pending += len(line)
        if self._pending >= MAX_LINE:
            raise unusable(
                self.path,
                f"从第 {self.record_start} 行开始的一条记录超过 {MAX_LINE // 2**20} MB",
                "请核对该行的引号是否成对",
            )
        return line

    def begin_record(self) -> None:
        """Start counting anew: what follows belongs to the next record."""
        self._pending = 0
        self.record_start = self.number + 1

    def offset(self) -> int:
        """Return how many bytes of the file were read, to within a buffer."""
        return self._raw.tell()


@contextmanager
def open_lines(path: Path, encoding: str) -> Iterator[LineFeed]:
    """Open a text file as a feed of lines."""
    with path.open("rb") as raw:
        yield LineFeed(path, raw, encoding)
