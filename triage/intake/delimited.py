"""Records of a CSV or TSV file: cells by position, broken quotes named, nothing guessed.

Knows nothing of headers. Reading is strict: where a quote is wrong, nobody can tell where the
record ends, so what follows is refused too until a row is whole again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from triage.intake.encodings import MAX_LINE
from triage.intake.rows import BrokenRow, GridRow, GridRows
from triage.intake.sources import unusable
from triage.intake.textlines import LineFeed, open_lines

DELIMITERS = (",", "\t", ";")


def grid_rows(path: Path, *, encoding: str, delimiter: str, width: int = 0) -> GridRows:
    """Yield the records of a delimited file.

    Parameters
    ----------
    width
        Cells of a whole row, used to find back after a broken one; 0 when not known yet.

    Raises
    ------
    UnusableFile
        When a quote stays open to the end of the file or a record is beyond `MAX_LINE`.
    """
    # The limit is the process's, and 131,072 by default: too near to the longest valid text.
    csv.field_size_limit(max(MAX_LINE, csv.field_size_limit()))
    with open_lines(path, encoding) as feed:
        is_lost = False
        for number, cells in enumerate(_records(feed, delimiter), start=1):
            if cells is None:
                is_lost = True
                yield _broken(number, feed, f"第 {feed.number} 行的引号不成对")
            elif is_lost and not _is_whole(cells, width):
                yield _broken(number, feed, "紧跟在引号不成对的行之后，无法确定从哪里开始")
            else:
                is_lost = False
                yield GridRow(number, cells, feed.offset())


def first_rows(path: Path, *, encoding: str, delimiter: str, count: int) -> list[list[object]]:
    """Return the cells of the first records; a broken one is an empty list."""
    rows = islice(grid_rows(path, encoding=encoding, delimiter=delimiter), count)
    return [list(row.cells) if isinstance(row, GridRow) else [] for row in rows]


def _records(feed: LineFeed, delimiter: str) -> Iterator[list[str] | None]:
    """Yield cells, or None for a record that breaks the rules of quoting."""
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if feed.is_exhausted:
                raise unusable(
                    feed.path,
                    f"从第 {feed.record_start} 行开始的引号到文件末尾都没有闭合",
                    "文件可能被截断，请重新导出，或补上引号",
                ) from None
            yield None
        else:
            yield cells
        feed.begin_record()


def _is_whole(cells: list[str], width: int) -> bool:
    return len(cells) == width and not any('"' in cell for cell in cells)


def _broken(number: int, feed: LineFeed, reason: str) -> BrokenRow:
    return BrokenRow(number, "row_malformed", reason, feed.offset())
