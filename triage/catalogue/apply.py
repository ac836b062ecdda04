"""Carry a CSV of foreign labels through a crosswalk, row by row; strange rows go to rejects.

Both files are written whole or not at all. Texts beside the labels are copied to the output, never
into a message.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from triage.catalogue.crosswalk import SOURCE, Crosswalk
from triage.catalogue.entries import TopicEntry
from triage.catalogue.table import bounded
from triage.errors import UnusableFile
from triage.files import atomic_write

ADDED = ("target", "target_name", "relation", "note")
REJECTED = ("row", "reason")
CHINESE_LEVELS = ("一级标签", "二级标签", "三级标签")


class _Writer(Protocol):
    def writerow(self, row: Sequence[str], /) -> Any: ...  # noqa: ANN401  as csv.writer has it


@dataclass(frozen=True, slots=True)
class Applied:
    """How many rows were mapped (`none` of them to no topic) and rejected, and where to."""

    mapped: int
    none: int
    rejected: int
    rejects: Path | None


def apply_crosswalk(
    crosswalk: Crosswalk,
    topics: Mapping[str, TopicEntry],
    *,
    source: Path,
    output: Path,
    columns: Sequence[str] | None = None,
) -> Applied:
    """Map the rows of `source` into `output`; a row whose label is unknown goes to the rejects.

    Rejects stand beside the output as `<stem>.rejects.csv`; one left by an earlier run is removed
    where nothing is rejected now.

    Raises
    ------
    UnusableFile
        Where the input cannot be read, or has no columns of labels.
    """
    rejects = output.with_name(f"{output.stem}.rejects.csv")
    if source.resolve() in (output.resolve(), rejects.resolve()):
        raise UnusableFile(f"输出会覆盖输入 {source}；请换一个 --output")
    rows = _rows(source)
    header = next(rows, (0, []))[1]
    places = _places(header, crosswalk, columns, source)
    mapped = none = rejected = 0
    with ExitStack() as stack:
        good = _writer(stack, output)
        bad = _writer(stack, rejects)
        good.writerow([*header, *ADDED])
        bad.writerow([*REJECTED, *header])
        for number, cells in rows:
            reason = _reason(cells, len(header))
            entry = None if reason else crosswalk.find([cells[place] for place in places])
            if entry is None:
                rejected += 1
                reason = reason or f"对照表 {crosswalk.name} 没有这个来源"
                bad.writerow([str(number), reason, *cells])
                continue
            mapped += 1
            none += entry.target is None
            name = topics[entry.target].name if entry.target else ""
            good.writerow([*cells, entry.target or "", name, entry.relation, entry.note])
    if not rejected:
        rejects.unlink()
    return Applied(mapped, none, rejected, rejects if rejected else None)


def _rows(source: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, numbered as a spreadsheet does; UTF-8, else GB18030."""
    if not source.is_file():
        raise UnusableFile(f"没有文件 {source}；请检查 --input")
    content = source.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise UnusableFile(f"{source} 不是 UTF-8 也不是 GB18030；请另存为 CSV UTF-8") from error
    try:
        rows = bounded(csv.reader(io.StringIO(text, newline=""), strict=True))
        for number, cells in enumerate(rows, 1):
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error as error:
        raise UnusableFile(f"{source} 不是合规的 CSV（{error}）；请检查引号") from error


def _places(
    header: list[str], crosswalk: Crosswalk, columns: Sequence[str] | None, source: Path
) -> list[int]:
    """Return where the labels stand: as told, or as `source_l1`, `l1` or 一级标签 and so on."""
    names = [name.strip() for name in header]
    levels = crosswalk.levels
    choices = (
        [tuple(column.strip() for column in columns)]
        if columns is not None
        else [tuple(f"{SOURCE}{level}" for level in levels), levels, CHINESE_LEVELS[: len(levels)]]
    )
    for choice in choices:
        if len(choice) == len(levels) and all(name in names for name in choice):
            return [names.index(name) for name in choice]
    wanted = "，或 ".join("、".join(choice) for choice in choices)
    raise UnusableFile(
        f"{source} 缺少来源列：需要 {len(levels)} 列，{wanted}；可用 --columns 指定列名"
    )


def _reason(cells: list[str], width: int) -> str:
    return "" if len(cells) == width else f"有 {len(cells)} 格，表头有 {width} 列"


def _writer(stack: ExitStack, path: Path) -> _Writer:
    binary = stack.enter_context(atomic_write(path))
    text = io.TextIOWrapper(binary, encoding="utf-8", newline="", write_through=True)
    stack.callback(text.detach)
    return csv.writer(text, lineterminator="\n")
