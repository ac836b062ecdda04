"""Judge a folder of lists: every cell, every code over time, every reference between lists.

`check_folder` is what `triage catalogue check` prints, and what loading a catalogue insists on.
Rules about places stand in `check_places`, those about crosswalks in `crosswalk`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

from triage.catalogue.check_duties import dispatch_problems
from triage.catalogue.check_places import place_problems
from triage.catalogue.crosswalk import crosswalk_problems
from triage.catalogue.entries import split_cell
from triage.catalogue.folder import Folder, read_folder
from triage.catalogue.period import Period, Span, day_text, gap, parse_day, uncovered
from triage.catalogue.problems import Problem
from triage.catalogue.schema import (
    LISTS,
    RECORDED,
    SPECS,
    SUCCESSOR,
    VALID,
    ListSpec,
    Reference,
)
from triage.catalogue.table import Row

Dated: TypeAlias = "list[tuple[Row, Span]]"

_CODE = re.compile(r"[^\s;,|\"“”]{1,64}")


def check_folder(path: Path) -> list[Problem]:
    """Return everything that is wrong with the folder `path`; an empty list means sound."""
    folder = read_folder(path)
    return folder_problems(folder) + crosswalk_problems(folder)


def folder_problems(folder: Folder) -> list[Problem]:
    """Return what is wrong with a folder already read, its crosswalks left aside."""
    problems = list(folder.problems)
    if not folder.tables:
        return problems
    dated = {spec.name: _dated(folder.tables[spec.name], spec, problems) for spec in LISTS}
    for spec in LISTS:
        rows = dated[spec.name]
        _codes_over_time(rows, spec, problems)
        if rows or not folder.problems:
            _needed(folder.tables[spec.name], spec, problems)
        for column, reference in spec.references:
            target = folder.tables[reference.target]
            if target or not folder.problems:
                known = _Known.of(reference, target, dated[reference.target])
                for row, span in rows:
                    _refer(row, span, column=column, known=known, problems=problems)
    problems.extend(place_problems(dated["regions"], dated["townships"]))
    problems.extend(dispatch_problems(folder.tables, dated))
    return problems


@dataclass(frozen=True, slots=True)
class _Known:
    """What a reference may name: the values there are, and when each holds."""

    file: str
    noun: str
    many: bool
    values: frozenset[str]
    spans: dict[str, list[Span]]

    @classmethod
    def of(cls, reference: Reference, rows: tuple[Row, ...], dated: Dated) -> _Known:
        spans: defaultdict[str, list[Span]] = defaultdict(list)
        if len(dated) == len(rows):  # else a row whose dates cannot be read would look like a gap
            for row, span in dated:
                spans[row[reference.column]].append(span)
        return cls(
            file=SPECS[reference.target].file,
            noun="代码" if reference.column == "code" else "名称",
            many=reference.many,
            values=frozenset(row[reference.column] for row in rows),
            spans=dict(spans),
        )


def _dated(rows: tuple[Row, ...], spec: ListSpec, problems: list[Problem]) -> Dated:
    """Return the rows whose code and dates can be read, with their spans."""
    result: Dated = []
    for row in rows:
        before = len(problems)
        _cells(row, spec, problems)
        valid = _period(row, VALID, problems)
        recorded = _period(row, RECORDED, problems) if spec.bitemporal else Period()
        if len(problems) == before and valid and recorded:
            result.append((row, Span(valid, recorded)))
    return result


def _cells(row: Row, spec: ListSpec, problems: list[Problem]) -> None:
    for column in spec.columns:
        if not row[column] and column not in spec.may_be_empty:
            problems.append(row.problem(column, "不能为空"))
    if row[spec.key] and not _CODE.fullmatch(row[spec.key]):
        problems.append(row.problem(spec.key, "代码里不能有空白、逗号、分号、竖线或引号"))
    for column, allowed in spec.allowed:
        if row[column] and row[column] not in allowed:
            choices = "、".join(sorted(allowed))
            problems.append(row.problem(column, f"只能是 {choices}"))


def _period(row: Row, columns: tuple[str, str], problems: list[Problem]) -> Period | None:
    days: list[date] = []
    for column, default in zip(columns, (date.min, date.max), strict=True):
        try:
            days.append(parse_day(row[column], default=default))
        except ValueError:
            problems.append(row.problem(column, "不是日期；写成 2025-11-06，不限则留空"))
    if len(days) < len(columns):
        return None
    if days[0] >= days[1]:
        message = f"须早于 {columns[1]}（{row[columns[1]]}；那一天起不再有效）"
        problems.append(row.problem(columns[0], message))
        return None
    return Period(*days)


def _codes_over_time(rows: Dated, spec: ListSpec, problems: list[Problem]) -> None:
    by_code: defaultdict[str, Dated] = defaultdict(list)
    for row, span in rows:
        by_code[row[spec.key]].append((row, span))
    for group in by_code.values():
        if len(group) == 1:
            continue
        clash = False
        for index, (row, span) in enumerate(group):
            earlier = next((r for r, s in group[:index] if s.overlaps(span)), None)
            if earlier is not None:
                clash = True
                message = f"代码重复：与第 {earlier.number} 行的有效期重叠"
                problems.append(row.problem(spec.key, message))
        hole = None if clash else gap([span for _, span in group])
        if hole is not None:
            message = f"有效期有空档：{day_text(hole.start)} 至 {day_text(hole.end)}（不含）"
            problems.append(group[-1][0].problem(spec.key, message))


def _needed(rows: tuple[Row, ...], spec: ListSpec, problems: list[Problem]) -> None:
    for code in sorted(spec.needed - {row[spec.key] for row in rows}):
        problems.append(Problem(spec.file, None, spec.key, code, "系统需要这个代码，不能缺少"))


def _refer(row: Row, span: Span, *, column: str, known: _Known, problems: list[Problem]) -> None:
    values = split_cell(row[column]) if known.many else (row[column],) if row[column] else ()
    if len(values) != len(set(values)):
        problems.append(row.problem(column, "有重复的代码"))
    for value in values:
        message = ""
        if value not in known.values:
            message = f"{known.file} 没有这个{known.noun}"
        elif column != SUCCESSOR and value in known.spans:
            day = uncovered(span, known.spans[value])
            if day is not None:
                since = "从一开始就" if day == date.min else f"自 {day} 起"
                message = f"在本行的有效期内，{known.file} 中的它{since}无效"
        if message:
            problems.append(Problem(row.file, row.number, column, value, message))
