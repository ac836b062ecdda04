"""Sheets of XLSX and XLS workbooks, read by calamine (Rust). Runs in the child process only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from triage.intake.sheets import Damaged, Locked, SheetStart

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] 2.3.4.4, a stream's name


def excel_sheets(path: Path) -> Iterator[SheetStart | list[object]]:
    """Yield each visible sheet's start, then its rows from the first on, blank ones included.

    Raises
    ------
    Locked
        For a workbook with a password.
    Damaged
        For one that cannot be read.
    """
    try:
        # By content: `from_path` goes by the extension, which is often wrong.
        with path.open("rb") as file, CalamineWorkbook.from_filelike(file) as workbook:
            for meta in filter(_is_readable, workbook.sheets_metadata):
                sheet = workbook.get_sheet_by_name(meta.name)
                if sheet.end is not None:
                    yield SheetStart(meta.name, sheet.end[0] + 1)
                    for cells in sheet.iter_rows():
                        yield list(cells)
    except PasswordError as error:
        raise Locked from error
    except (CalamineError, OSError, ValueError) as error:
        raise (Locked if _is_encrypted(path) else Damaged) from error


def _is_encrypted(path: Path) -> bool:
    """Tell whether an OLE file wraps a workbook that was saved with a password."""
    return _ENCRYPTED in path.read_bytes()


def _is_readable(meta: SheetMetadata) -> bool:
    return meta.typ == SheetTypeEnum.WorkSheet and meta.visible == SheetVisibleEnum.Visible
