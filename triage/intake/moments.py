"""Moments as they are written: ISO 8601 in requests, many local forms in tables → aware UTC.

A moment without an offset is Chinese time. The fixed offset +08:00 stands for Asia/Shanghai: the
zone has had no other since 1991, and day boundaries are not drawn here.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))

_TABLE_FORM = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[\sT]*(?:星期.|周.)?\s*(上午|下午|AM|PM|am|pm)?\s*"
    r"(\d{1,2})\s*[:时点]\s*(?:(\d{1,2})\s*分?)?\s*(?::?\s*(\d{1,2})(?:\.\d+)?\s*秒?)?)?\s*"
)
_EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=SHANGHAI)
_EXCEL_DAYS = range(20_000, 80_000)  # 1954-10-03 … 2119-01-10, as serial day numbers
_AFTERNOON = {"下午", "PM", "pm"}
_MORNING = {"上午", "AM", "am"}


def from_iso(text: str) -> datetime:
    """Read ISO 8601.

    Raises
    ------
    ValueError
        For anything else, and for moments outside the years 1–9999 in UTC.
    """
    return _utc(datetime.fromisoformat(text.strip()))


def from_cell(cell: object) -> datetime:
    """Read a table's cell: a date, an Excel day number, ISO 8601, or a local form.

    Local forms are such as 2024/5/1 9:30, 2024年5月1日 9时30分, 2024-5-1 下午 3:12:00.

    Raises
    ------
    ValueError
        When it is none of these.
    """
    if isinstance(cell, datetime):
        return _utc(cell)
    if isinstance(cell, date):
        return _utc(datetime(cell.year, cell.month, cell.day))
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _from_excel(cell)
    if not isinstance(cell, str):
        raise ValueError("not a moment")
    try:
        return from_iso(cell)
    except ValueError:
        return _from_local(cell)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("moment out of range") from error


def _from_excel(days: float) -> datetime:
    if not math.isfinite(days) or int(days) not in _EXCEL_DAYS:
        raise ValueError("not an Excel day number")
    return (_EXCEL_EPOCH + timedelta(seconds=round(days * 86_400))).astimezone(UTC)


def _from_local(text: str) -> datetime:
    match = _TABLE_FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError("not a moment")
    year, month, day, half, hour, minute, second = match.groups(default="0")
    hours = int(hour)
    if half in _AFTERNOON and hours < 12:
        hours += 12
    elif half in _MORNING and hours == 12:
        hours = 0
    return _utc(datetime(int(year), int(month), int(day), hours, int(minute), int(second)))
