"""Judge the lists of places: rings of parents, two places of one name, missing successors.

Gaps and overlaps of one code are judged for all lists alike in `check`.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from triage.catalogue.period import Span
from triage.catalogue.problems import Problem
from triage.catalogue.schema import SEPARATOR
from triage.catalogue.table import Row


def place_problems(
    regions: list[tuple[Row, Span]], townships: list[tuple[Row, Span]]
) -> list[Problem]:
    """Return what is wrong with regions and townships beyond single cells."""
    return [
        *_rings(regions, "parent"),
        *_rings(regions, "successor"),
        *_twins(regions, within=None),
        *_twins(townships, within="district"),
        *_successors(regions),
    ]


def labels(row: Row) -> list[str]:
    """Return the name and the aliases of a place."""
    aliases = [alias.strip() for alias in row["aliases"].split(SEPARATOR)]
    return [row["name"], *(alias for alias in aliases if alias)]


def _rings(rows: list[tuple[Row, Span]], column: str) -> list[Problem]:
    """Name each ring once, at its first row."""
    above: defaultdict[str, set[str]] = defaultdict(set)
    for row, _ in rows:
        if row[column]:
            above[row["code"]].add(row[column])
    problems: list[Problem] = []
    seen: set[str] = set()
    for row, _ in rows:
        code = row["code"]
        if code in seen:
            continue
        reached = _reach(code, above)
        if code in reached:
            problems.append(row.problem(column, "成环：沿着它会回到自己"))
            seen |= reached
    return problems


def _reach(code: str, above: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    frontier = set(above.get(code, ()))
    while frontier:
        reached |= frontier
        frontier = {up for one in frontier for up in above.get(one, ())} - reached
    return reached


def _twins(rows: list[tuple[Row, Span]], *, within: str | None) -> list[Problem]:
    """Two codes of one name at one time (in one district) cannot be told apart."""
    named: defaultdict[tuple[str, str], list[tuple[Row, Span]]] = defaultdict(list)
    problems: list[Problem] = []
    for row, span in rows:
        for label in labels(row):
            group = named[label, row[within] if within else ""]
            for other, other_span in group:
                if other["code"] != row["code"] and other_span.overlaps(span):
                    message = f"与第 {other.number} 行（{other['code']}）同时同名，无法区分"
                    problems.append(Problem(row.file, row.number, "name", label, message))
                    break
            group.append((row, span))
    return problems


def _successors(rows: list[tuple[Row, Span]]) -> list[Problem]:
    spans: defaultdict[str, list[Span]] = defaultdict(list)
    for row, span in rows:
        spans[row["code"]].append(span)
    problems: list[Problem] = []
    for row, span in rows:
        code = row["successor"]
        if not code:
            continue
        if span.valid.end == date.max:
            problems.append(
                row.problem("successor", "仍然有效的区划没有承接者；请填 valid_to 或留空")
            )
        elif code in spans and not any(s.holds(span.valid.end) for s in spans[code]):
            message = f"承接者在 {span.valid.end} 无效"
            problems.append(row.problem("successor", message))
    return problems
