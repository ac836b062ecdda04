"""Rejected rows as a table for people: place, reason, and the row itself without personal data.

Only columns that were read are shown, and masked. The file opens in Excel (UTF-8 with a mark, no
live formulae), and can be corrected and imported again: its headers are field names.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from triage.errors import InvalidRequest
from triage.intake.clean import clean
from triage.intake.headers import LABEL_FIELDS, REQUEST_FIELDS

_FIELDS = (*REQUEST_FIELDS, *LABEL_FIELDS)
COLUMNS = ("file", "row", "field", "code", "reason", *_FIELDS)

_SHOWN = 2000  # characters of a cell; the place leads to the rest
_CUT_NUMBER = re.compile(r"[\w@.\- ]{0,40}\Z", re.ASCII)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Reject:
    """One refused row; `cells` are masked texts by field."""

    file: str
    row: int
    field: str | None
    code: str
    reason: str
    cells: Mapping[str, str]


class RejectsFile:
    """Writes rejects to a binary file, the header first."""

    def __init__(self, file: BinaryIO) -> None:
        """Write the header."""
        self._file = file
        self._file.write(b"\xef\xbb\xbf")
        self._write(COLUMNS)

    def add(self, reject: Reject) -> None:
        """Write one row."""
        place = (reject.file, str(reject.row), reject.field or "", reject.code, reject.reason)
        self._write((*place, *(inert(reject.cells.get(name, "")) for name in _FIELDS)))

    def _write(self, cells: tuple[str, ...]) -> None:
        line = io.StringIO()
        csv.writer(line).writerow(cells)
        self._file.write(line.getvalue().encode())


def rejects_path(out: Path) -> Path:
    """Return where the rejects of an import to `out` go: X.jsonl → X.rejects.csv."""
    return out.with_name(f"{out.stem}.rejects.csv")


def reject(
    file: Path,
    row: int,
    error: InvalidRequest,
    *,
    cells: Mapping[str, object],
    mask_text: Callable[[str], str],
) -> Reject:
    """Return the refused row with its reason and cells masked."""
    return Reject(
        clean(str(file)),
        row,
        error.field,
        error.code,
        mask_text(error.message),
        {name: _masked(cell, mask_text) for name, cell in cells.items() if cell is not None},
    )


def _masked(cell: object, mask_text: Callable[[str], str]) -> str:
    parts = cell if isinstance(cell, list | tuple) else (cell,)
    text = clean(";".join(map(str, parts)))
    if len(text) > _SHOWN:
        # A number cut in two would no longer be recognised as one, so the cut steps back.
        text = _CUT_NUMBER.sub("", text[:_SHOWN]) + "…"
    return mask_text(text)


def inert(text: str) -> str:
    """Return a cell that a spreadsheet shows rather than calculates."""
    return f"'{text}" if text.startswith(_FORMULA) else text
