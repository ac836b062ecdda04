"""Bulk intake: the rows of files become work orders, batch by batch; killed, it is begun again.

A run reads its files from the beginning and takes in what is not there yet: the keys of intake are
the only memory of how far it came. Rows that cannot be taken in go to a file, with the reason.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from triage.desk.bulk_rows import read_row
from triage.desk.intake import Receipt
from triage.desk.intake_batch import BATCH, receive_all
from triage.desk.office import Office
from triage.desk.record import IntakeRecord
from triage.errors import InvalidRequest
from triage.intake.headers import Headers
from triage.intake.reasons import refusal
from triage.intake.rejects import Reject, RejectsFile, reject
from triage.intake.rows import BrokenRow, Row
from triage.intake.tables import read_table
from triage.request import Json
from triage.store.database import StoreUnavailable
from triage.text.mask import mask

PATIENCE_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""How long a database that is gone is waited for, try by try; a restart takes less than all."""


@dataclass(slots=True)
class Taken:
    """What a run did: rows = new + known + rejected; `known` were taken in before."""

    new: int = 0
    known: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def rejected(self) -> int:
        """Return the number of refused rows."""
        return self.reasons.total()

    @property
    def rows(self) -> int:
        """Return the number of rows with anything in them."""
        return self.new + self.known + self.rejected

    def to_json(self) -> dict[str, Json]:
        """Return the figures for scripts."""
        return {
            "rows": self.rows,
            "new": self.new,
            "known": self.known,
            "rejected": self.rejected,
            "reasons": dict(sorted(self.reasons.items())),
        }


@dataclass(frozen=True, slots=True)
class Bulk:
    """How files are taken in: by whom, from which source where a row names none."""

    office: Office
    headers: Headers
    actor: str
    source: str
    sleep: Callable[[float], object] = time.sleep


def take_files(
    bulk: Bulk,
    paths: Sequence[Path],
    rejects: RejectsFile,
    *,
    progress: Callable[[int], object] = lambda _: None,
) -> Taken:
    """Take in every row of the files.

    Parameters
    ----------
    progress
        Told, after each durable batch, how many bytes of the files it stands for.

    Raises
    ------
    UnusableFile
        A file is no table, or turns out to be damaged; the rows before are taken in.
    StoreUnavailable
        The database did not come back.
    """
    taken, seen = Taken(), dict[bytes, str]()
    for path in paths:
        behind = 0
        batch: list[IntakeRecord] = []
        for item, offset in _read(bulk, path, seen):
            if isinstance(item, Reject):
                rejects.add(item)
                taken.reasons[item.code] += 1
                continue
            batch.append(item)
            if len(batch) == BATCH:
                _count(taken, _patiently(bulk, batch))
                batch = []
                progress(offset - behind)
                behind = offset
        if batch:
            _count(taken, _patiently(bulk, batch))
        progress(path.stat().st_size - behind)
    return taken


def _count(taken: Taken, receipts: Sequence[Receipt]) -> None:
    for receipt in receipts:
        if receipt.is_replay:
            taken.known += 1
        else:
            taken.new += 1


def _patiently(bulk: Bulk, batch: Sequence[IntakeRecord]) -> list[Receipt]:
    for seconds in PATIENCE_SECONDS:
        try:
            return receive_all(bulk.office, batch, actor=bulk.actor)
        except StoreUnavailable:
            bulk.sleep(seconds)
    return receive_all(bulk.office, batch, actor=bulk.actor)


def _read(
    bulk: Bulk, path: Path, seen: dict[bytes, str]
) -> Iterator[tuple[IntakeRecord | Reject, int]]:
    for row in read_table(path, bulk.headers).rows:
        yield _row(bulk, path, row, seen), row.offset


def _row(
    bulk: Bulk, path: Path, row: Row | BrokenRow, seen: dict[bytes, str]
) -> IntakeRecord | Reject:
    try:
        if isinstance(row, BrokenRow):
            raise InvalidRequest(row.code, row.reason)
        record = read_row(row.cells, source=bulk.source, now=bulk.office.now())
        _claim(record, f"{path.name} 第 {row.number} 行", seen)
    except InvalidRequest as error:
        cells = row.cells if isinstance(row, Row) else {}
        return reject(Path(path.name), row.number, error, cells=cells, mask_text=_masked)
    return record


def _claim(record: IntakeRecord, place: str, seen: dict[bytes, str]) -> None:
    """Refuse a second row with the same number, or without one and with the same content.

    16 bytes a row are kept: 100,000 rows take some 15 MB, all places included.
    """
    name = f"{record.source}\0{record.source_id}".encode()
    first = seen.setdefault(hashlib.sha256(name).digest()[:16], place)
    if first is place:
        return
    if record.source_id.startswith("row-"):
        raise refusal("duplicate_content", f"内容与 {first}完全相同", "若确是两件，请给出编号")
    raise refusal("duplicate_id", f"编号与 {first}重复", "请保留其中一行", field="id")


def _masked(text: str) -> str:
    return mask(text).text
