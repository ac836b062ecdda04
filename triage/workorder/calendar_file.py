"""A city's own working days: a CSV `date,working,note` laid over the library's calendar.

A row with a year for a date says that the notice of that year is entered in the file in full.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import Path

from triage.catalogue.period import parse_day
from triage.catalogue.problems import Problem
from triage.catalogue.table import Columns, Row, read_bytes, read_rows
from triage.workorder.policy_fields import refusal
from triage.workorder.working_calendar import WorkingCalendar

COLUMNS = Columns(required=("date", "working", "note"))
WORKING = {"1": True, "0": False}
_YEAR = re.compile(r"20\d{2}")


def load_calendar(path: Path | None = None) -> WorkingCalendar:
    """Return the library's calendar, with the days of a city's file over it.

    Raises
    ------
    PolicyError
        The file is missing or has problems; all of them are named.
    """
    if path is None:
        return WorkingCalendar()
    calendar, problems = check_calendar(path)
    if calendar is None:
        raise refusal("工作日历", problems)
    return calendar


def check_calendar(path: Path) -> tuple[WorkingCalendar | None, list[Problem]]:
    """Read a file; where anything is wrong the calendar is None and every problem is listed."""
    problems: list[Problem] = []
    content = read_bytes(path, path.name, problems)
    if content is None:
        if not problems:
            problems.append(Problem(path.name, None, None, str(path), "没有这个文件；请检查路径"))
        return None, problems
    calendar = read_calendar(content, path.name, problems)
    return (None if problems else calendar), problems


def read_calendar(content: bytes, file: str, problems: list[Problem]) -> WorkingCalendar:
    """Return the calendar of a file's content; what is wrong goes to `problems`."""
    overrides: dict[date, bool] = {}
    announced: set[int] = set()
    for row in read_rows(content, file, columns=COLUMNS, problems=problems):
        if not row["note"]:
            problems.append(row.problem("note", "不能为空；请写依据，如通知文号"))
        if _YEAR.fullmatch(row["date"]):
            if row["working"]:
                message = "整年的行（已录入该年放假通知）这一格要留空"
                problems.append(row.problem("working", message))
            announced.add(int(row["date"]))
        else:
            _day(row, overrides, problems)
    digest = hashlib.sha256(content).hexdigest()[:8]
    version = f"{WorkingCalendar().version}+{digest}"
    return WorkingCalendar(overrides, frozenset(announced), version)


def _day(row: Row, overrides: dict[date, bool], problems: list[Problem]) -> None:
    try:
        day = parse_day(row["date"], default=date.min)
    except ValueError:
        day = date.min
    if day == date.min:
        message = "不是日期；写成 2027-02-14，或写年份 2027 表示该年通知已全部录入"
        problems.append(row.problem("date", message))
    elif day in overrides:
        problems.append(row.problem("date", "这一天出现了两次；请只留一行"))
    if row["working"] not in WORKING:
        problems.append(row.problem("working", "只能是 1（上班）或 0（放假）"))
    elif day != date.min:
        overrides[day] = WORKING[row["working"]]
