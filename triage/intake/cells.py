"""Cells of tables as text: numbers as a person wrote them, dates as ISO 8601, blanks as nothing."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from triage.errors import InvalidRequest
from triage.intake.clean import clean, is_blank
from triage.intake.moments import from_cell
from triage.intake.reasons import refusal, shown, wrong_type

_EXACT = 10**15  # Excel keeps 15 digits and writes zeros for the rest
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+\d+")


def cell_text(field: str, cell: object) -> str | None:
    """Return a cell's text without outer white space; None for a blank one.

    Raises
    ------
    InvalidRequest
        `field_type` for a value with parts (an array or an object).
    """
    if cell is None:
        return None
    if isinstance(cell, str):
        return None if is_blank(cell) else clean(cell).strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, bool | int | float):
        return str(cell)
    raise wrong_type(field, cell, wanted="单个值")


def cell_moment(cell: object) -> str | None:
    """Return the moment of a cell as ISO 8601 in UTC; None for a blank one.

    Raises
    ------
    InvalidRequest
        `time_invalid`.
    """
    if cell is None or (isinstance(cell, str) and is_blank(cell)):
        return None
    try:
        return iso(from_cell(cell))
    except ValueError:
        value = shown(cell) if isinstance(cell, str) else "不是时间"
        raise refusal(
            "time_invalid",
            f"字段 received_at 的值“{value}”不是可以识别的时间",
            "请写成 2026-03-01 09:30:00",
            field="received_at",
        ) from None


def cell_id(cell: object) -> str | None:
    """Return an identifier; None for a blank one.

    Raises
    ------
    InvalidRequest
        `id_damaged` for a number that a spreadsheet has rounded.
    """
    is_rounded = isinstance(cell, float) and abs(cell) >= _EXACT
    is_scientific = isinstance(cell, str) and _SCIENTIFIC.fullmatch(cell.strip()) is not None
    if is_rounded or is_scientific:
        raise _damaged()
    return cell_text("id", cell)


def iso(moment: datetime) -> str:
    """Return an aware UTC moment as it is stored: to the second, ending in Z."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _damaged() -> InvalidRequest:
    return refusal(
        "id_damaged",
        "字段 id 的长编号被表格软件按数字保存，末位已丢失",
        "请在原系统导出时把该列设为文本",
        field="id",
    )
