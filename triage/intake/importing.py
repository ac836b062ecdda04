"""Files in, one file of labelled records out: all of it, or nothing.

Silent and reusable: the command line draws a bar with `progress`, the service will not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import orjson

from triage.errors import InvalidRequest
from triage.files import atomic_write
from triage.intake.labelled import LabelledRecord, ReadingRules, read_labelled
from triage.intake.reasons import refusal
from triage.intake.rejects import Reject, RejectsFile, reject, rejects_path
from triage.intake.rows import BrokenRow, Row, Table
from triage.intake.sources import file_type, unusable
from triage.intake.summary import FileSummary, ImportSummary
from triage.intake.tables import read_table


class FirstPlaces:
    """Where each id was first seen, so that a second one can be refused by naming the first."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[str, int]] = {}

    def claim(self, record: LabelledRecord, *, file: str, row: int) -> None:
        """Take note of a record.

        Raises
        ------
        InvalidRequest
            `duplicate_id`, or `duplicate_content` where the id stands for the content.
        """
        place = (file, row)
        first = self._first.setdefault(record.request.id, place)
        if first is place:
            return
        where = f"{first[0]} 第 {first[1]} 行"
        if record.has_own_id:
            raise refusal("duplicate_id", f"编号与 {where}重复", "请保留其中一行", field="id")
        raise refusal("duplicate_content", f"内容与 {where}完全相同", "若确是两件，请给出编号")


def read_records(
    table: Table, rules: ReadingRules, places: FirstPlaces
) -> Iterator[tuple[LabelledRecord | Reject, int]]:
    """Yield each row as a record or a reject, with the bytes of the file behind it.

    Raises
    ------
    UnusableFile
        When the file turns out to be damaged on the way, or has no rows.
    """
    is_empty = True
    for row in table.rows:
        is_empty = False
        yield _read_row(row, table.path, rules, places), row.offset
    if is_empty:
        raise unusable(table.path, "只有表头，没有数据行", "请核对导出的范围")


def import_files(
    paths: Sequence[Path],
    out: Path,
    *,
    rules: ReadingRules,
    progress: Callable[[int], object] = lambda _: None,
) -> ImportSummary:
    """Write the records of tables as JSONL, and their refused rows beside it.

    Parameters
    ----------
    progress
        Told how many bytes of the files were read since it was last told.

    Raises
    ------
    UnusableFile
        When any file cannot be used; then neither output is touched.
    """
    _check_paths(paths, out)
    rejects = rejects_path(out)
    places = FirstPlaces()
    summaries = []
    try:
        with atomic_write(out) as records_file, atomic_write(rejects) as file:
            rejects_file = RejectsFile(file)
            for path in paths:
                table = read_table(path, rules.headers)
                items = _reported(read_records(table, rules, places), progress)
                summaries.append(_write(table, items, records_file, rejects_file))
    except OSError as error:
        place = Path(error.filename) if error.filename else out
        raise unusable(place, f"无法读写（{error.strerror}）", "请核对权限与剩余空间") from error
    return ImportSummary(out, rejects, tuple(summaries))


def _check_paths(paths: Sequence[Path], out: Path) -> None:
    """Refuse bad input before any folder is made, and outputs that would replace an input."""
    for path in paths:
        file_type(path)
    if out.is_dir():
        raise unusable(out, "输出位置是文件夹", "请给出文件名，例如 requests.jsonl")
    for target in (out, rejects_path(out)):
        if target.exists() and any(target.samefile(path) for path in paths):
            raise unusable(target, "输出会覆盖输入文件", "请换一个输出文件名")


def _read_row(
    row: Row | BrokenRow, file: Path, rules: ReadingRules, places: FirstPlaces
) -> LabelledRecord | Reject:
    try:
        if isinstance(row, BrokenRow):
            raise InvalidRequest(row.code, row.reason)
        record = read_labelled(row.cells, rules)
        places.claim(record, file=file.name, row=row.number)
    except InvalidRequest as error:
        cells = row.cells if isinstance(row, Row) else {}
        return reject(file, row.number, error, cells=cells, mask_text=rules.mask_text)
    return record


def _reported(
    items: Iterator[tuple[LabelledRecord | Reject, int]], progress: Callable[[int], object]
) -> Iterator[LabelledRecord | Reject]:
    behind = 0
    for item, offset in items:
        if offset != behind:
            progress(offset - behind)
            behind = offset
        yield item


def _write(
    table: Table,
    items: Iterator[LabelledRecord | Reject],
    records_file: BinaryIO,
    rejects_file: RejectsFile,
) -> FileSummary:
    summary = FileSummary(table)
    for item in items:
        if isinstance(item, Reject):
            rejects_file.add(item)
            summary.reasons[item.code] += 1
        else:
            records_file.write(orjson.dumps(item.to_json()) + b"\n")
            summary.records += 1
    return summary
