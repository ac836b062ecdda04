"""Judged pairs of requests, as people write them down: which are one event, related, or neither.

A file has the columns query_id, candidate_id, label (2 same event, 1 related, 0 unrelated) and
component: what joins all that is one event, so that folds never cut through one. What the texts say
and what is learned from them is not known here.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

from triage.errors import UnusableFile

COLUMNS = ("query_id", "candidate_id", "label", "component")
UNRELATED, RELATED, SAME_EVENT = 0, 1, 2
_LABELS = {str(label): label for label in (UNRELATED, RELATED, SAME_EVENT)}

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class JudgedPair(Generic[K]):
    """Two requests, by id or by row, and what was judged of them; `component` is the query's."""

    query: K
    candidate: K
    label: int
    component: str


Pair: TypeAlias = JudgedPair[str]
"""A pair by ids, as files have it."""


def read_judged_pairs(path: Path, ids: Collection[str]) -> list[Pair]:
    """Return the pairs of a CSV file in order; `ids` are those of the texts at hand.

    Raises
    ------
    UnusableFile
        It cannot be read or lacks a column; an id is not among the data, a label is none of 0, 1,
        2; an event stands in two components; no pair is of one event.
    """
    pairs = [_pair(found, f"{path}:{number}", ids) for number, found in enumerate(_rows(path), 2)]
    if not any(pair.label == SAME_EVENT for pair in pairs):
        raise UnusableFile(
            f"{path} 里没有一对是同一事件（label 2）：没有正例学不了，请补充判定为 2 的对"
        )
    _check_components(path, pairs)
    return pairs


def once(pairs: Sequence[JudgedPair[K]]) -> list[JudgedPair[K]]:
    """Return the pairs without those that stand before them the other way round."""
    found: dict[frozenset[K], JudgedPair[K]] = {}
    for pair in pairs:
        found.setdefault(frozenset((pair.query, pair.candidate)), pair)
    return list(found.values())


def members(pairs: Sequence[JudgedPair[K]]) -> dict[str, frozenset[K]]:
    """Return what is of each component's event: its queries, and what is one event with them."""
    found: dict[str, set[K]] = {}
    for pair in pairs:
        own = found.setdefault(pair.component, set())
        own.add(pair.query)
        if pair.label == SAME_EVENT:
            own.add(pair.candidate)
    return {name: frozenset(own) for name, own in found.items()}


def _rows(path: Path) -> list[dict[str, str | None]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise UnusableFile(f"{path} 缺少列 {'、'.join(missing)}：应有 {','.join(COLUMNS)}")
            return list(reader)
    except OSError as error:
        raise UnusableFile(f"无法读取 {path}：{error.strerror}；请检查路径") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnusableFile(f"{path} 不是 UTF-8 的 CSV（{type(error).__name__}）：请另存") from error


def _pair(found: Mapping[str, str | None], place: str, ids: Collection[str]) -> Pair:
    query, candidate, label, component = ((found[name] or "").strip() for name in COLUMNS)
    for name, value in zip(COLUMNS, (query, candidate), strict=False):
        if value not in ids:
            raise UnusableFile(
                f"{place} 的 {name} 为 {value[:60]!r}：数据里没有这个编号，请补上这条诉求"
            )
    if query == candidate:
        raise UnusableFile(f"{place} 的 candidate_id 与 query_id 同为 {query[:60]!r}：请删去")
    if label not in _LABELS:
        raise UnusableFile(
            f"{place} 的 label 为 {label[:60]!r}：应为 0（无关）、1（相关）或 2（同一事件）"
        )
    if not component:
        raise UnusableFile(f"{place} 没有 component：请写明同一事件共用的名字")
    return JudgedPair(query, candidate, _LABELS[label], component)


def _check_components(path: Path, pairs: Sequence[Pair]) -> None:
    """Refuse an event in two components: folds would cut through it."""
    owner: dict[str, str] = {}
    for name, own in members(pairs).items():
        for one in sorted(own):
            if owner.setdefault(one, name) != name:
                raise UnusableFile(
                    f"{path}：编号 {one!r} 的事件分在 {owner[one]!r} 与 {name!r} "
                    "两个 component 里，分折会切开它：请合为一个 component"
                )
