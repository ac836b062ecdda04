"""Judge the dispatch catalogue: conditions, contradictions, powers, bodies and boundaries.

Codes, dates and references to other lists are judged for all lists alike in `check`.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from triage.catalogue.condition import parse_groups, parse_objects
from triage.catalogue.duties import ANY, TOWNSHIP
from triage.catalogue.entries import split_cell
from triage.catalogue.period import Span
from triage.catalogue.problems import Problem
from triage.catalogue.table import Row

Dated: TypeAlias = "Sequence[tuple[Row, Span]]"

_PLACE = re.compile(r"\{([^{}]*)\}")
_PLACES = frozenset({"region", "township", "unit"})


def dispatch_problems(
    tables: Mapping[str, tuple[Row, ...]], dated: Mapping[str, Dated]
) -> list[Problem]:
    """Return what is wrong with objects, duties, bodies and boundaries beyond single cells."""
    objects, broken = _objects(tables["objects"])
    _, unnamed = _objects(tables["unit_words"])
    topics = frozenset(row["code"] for row in tables["topics"])
    regions = frozenset(row["code"] for row in tables["regions"])
    return [
        *broken,
        *unnamed,
        *(p for row, _ in dated["duties"] for p in _duty(row, objects, topics, regions)),
        *_contradictions(dated["duties"]),
        *(p for row, _ in dated["bodies"] for p in _body(row, objects, regions)),
        *(p for row, _ in dated["boundaries"] for p in _boundary(row, regions)),
    ]


def _objects(rows: tuple[Row, ...]) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    found: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for row in rows:
        try:
            found |= parse_objects([row])
        except ValueError as error:
            problems.append(row.problem("words", str(error)))
    return found, problems


def _duty(
    row: Row,
    objects: Mapping[str, tuple[str, ...]],
    topics: frozenset[str],
    regions: frozenset[str],
) -> Iterator[Problem]:
    for column in ("when", "unless"):
        yield from _condition(row, column, objects)
    for topic in split_cell(row["topics"]):
        stem = topic.removesuffix(ANY)
        known = topic in topics or (stem != topic and any(t.startswith(stem) for t in topics))
        if not known:
            yield Problem(row.file, row.number, "topics", topic, "topics.csv 没有这个代码")
    yield from _known_regions(row, "region", regions)
    if row["lead"] in split_cell(row["excluded"]):
        yield row.problem("excluded", "主办单位不能同时被排除")
    for unit in set(split_cell(row["support"])) & {row["lead"], *split_cell(row["excluded"])}:
        yield Problem(row.file, row.number, "support", unit, "协办单位不能是主办或被排除的单位")
    if row["power"] and TOWNSHIP in (row["lead"], row["holder"]):
        yield row.problem("lead", "需要执法或许可权的事项不能由乡镇街道主办")
    if row["holder"] and not row["power"]:
        yield row.problem("holder", "没有写 power，就不必写谁行使")
    if row["status"] == "verified" and not row["basis"]:
        yield row.problem("basis", "已核实的条目须写明依据；没有依据请写 to_be_confirmed")


def _contradictions(duties: Dated) -> Iterator[Problem]:
    """Name entries that hold for the same text on the same day and name different leads."""
    same: defaultdict[tuple[str, ...], list[tuple[Row, Span]]] = defaultdict(list)
    for row, span in duties:
        condition = tuple(row[column].replace(" ", "") for column in ("when", "unless", "region"))
        for topic in split_cell(row["topics"]):
            same[topic, *condition].append((row, span))
    told: set[tuple[str, str]] = set()
    for group in same.values():
        for (first, one), (second, other) in itertools.combinations(group, 2):
            pair = (first["code"], second["code"])
            if pair in told or first["code"] == second["code"] or not one.overlaps(other):
                continue
            if first["lead"] != second["lead"] or _excludes(first, second):
                told.add(pair)
                message = f"与第 {first.number} 行（{first['code']}）条件相同，主办或排除相互矛盾"
                yield second.problem("lead", message)


def _excludes(first: Row, second: Row) -> bool:
    named = {first["lead"], *split_cell(first["support"])}
    others = {second["lead"], *split_cell(second["support"])}
    return bool(
        named & set(split_cell(second["excluded"])) or others & set(split_cell(first["excluded"]))
    )


def _body(
    row: Row, objects: Mapping[str, tuple[str, ...]], regions: frozenset[str]
) -> Iterator[Problem]:
    yield from _condition(row, "when", objects)
    yield from _known_regions(row, "region", regions)
    for place in _PLACE.findall(row["name"]):
        if place not in _PLACES:
            yield row.problem("name", f"不认识的空位 {{{place}}}；可用 region、township、unit")


def _boundary(row: Row, regions: frozenset[str]) -> Iterator[Problem]:
    yield from _known_regions(row, "sides", regions)
    if len(set(split_cell(row["sides"]))) < 2:
        yield row.problem("sides", "至少写两个不同的区划代码")
    if row["kind"] == "zone" and not row["townships"]:
        yield row.problem("townships", "功能区须写明托管的镇街")
    if row["kind"] not in ("zone", "border") and not row["words"]:
        yield row.problem("words", "不能为空：按它在文本里认出这条界线")


def _condition(row: Row, column: str, objects: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    try:
        parse_groups(row[column], objects)
    except ValueError as error:
        yield row.problem(column, str(error))


def _known_regions(row: Row, column: str, regions: frozenset[str]) -> Iterator[Problem]:
    for code in split_cell(row[column]):
        if code not in regions:
            yield Problem(row.file, row.number, column, code, "regions.csv 没有这个代码")
