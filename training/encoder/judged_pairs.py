"""Judged pairs of requests, as people write them down: which are one event, related, or neither.

A file has the columns query_id, candidate_id, label (2 same event, 1 related, 0 unrelated) and
component: what joins all that is one event, so that folds never cut through one. What the texts say
and what is learned from them is not known here.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.errors import UnusableFile

COLUMNS = ("query_id", "candidate_id", "label", "component")
UNRELATED, RELATED, SAME_EVENT = 0, 1, 2
_LABELS = {str(label): label for label in (UNRELATED, RELATED, SAME_EVENT)}


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """Rows of two texts, and what was judged of them; `component` is the query's."""

    query: int
    candidate: int
    label: int
    component: str


def read_judged_pairs(path: Path, row_of: Mapping[str, int]) -> list[JudgedPair]:
    """Return the pairs of a CSV file in order; `row_of` gives the row of an id's text.

    Raises
    ------
    UnusableFile
        It cannot be read or lacks a column; an id is not among the data, a label is none of 0, 1,
        2; an event stands in two components; no pair is of one event.
    """
    pairs = [
        _pair(found, f"{path}:{number}", row_of) for number, found in enumerate(_rows(path), 2)
    ]
    if not any(pair.label == SAME_EVENT for pair in pairs):
        raise UnusableFile(
            f"{path} 里没有一对是同一事件（label 2）：没有正例学不了，请补充判定为 2 的对"
        )
    _check_components(path, pairs, {row: name for name, row in row_of.items()})
    return pairs


def members(pairs: Sequence[JudgedPair]) -> dict[str, frozenset[int]]:
    """Return the rows of each component's event: its queries, and what is one event with them."""
    found: dict[str, set[int]] = {}
    for pair in pairs:
        own = found.setdefault(pair.component, set())
        own.add(pair.query)
        if pair.label == SAME_EVENT:
            own.add(pair.candidate)
    return {name: frozenset(rows) for name, rows in found.items()}


def fold_components(pairs: Sequence[JudgedPair], *, folds: int, seed: int) -> dict[str, int]:
    """Return a fold in [0, folds) for each component: the largest first, to the emptiest fold.

    Raises
    ------
    UnusableFile
        There are fewer components with a pair of one event than folds.
    """
    names = sorted({pair.component for pair in pairs})
    number = {name: place for place, name in enumerate(names)}
    sizes = np.zeros((2, len(names)), np.int64)
    for pair in pairs:
        sizes[:, number[pair.component]] += (pair.label == SAME_EVENT, 1)
    teaching = int((sizes[0] > 0).sum())
    if teaching < folds:
        raise UnusableFile(
            f"只有 {teaching} 个 component 有同一事件的对，少于 {folds} 折："
            "请增加数据或减少 --folds"
        )
    chance = np.random.default_rng(seed).permutation(len(names))
    load: NDArray[np.int64] = np.zeros((2, folds), np.int64)
    fold_of = {}
    for place in np.lexsort((chance, -sizes[1], -sizes[0])).tolist():
        fold = int(np.lexsort((load[1], load[0]))[0])
        fold_of[names[place]] = fold
        load[:, fold] += sizes[:, place]
    return fold_of


def _rows(path: Path) -> list[dict[str, str | None]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise UnusableFile(f"{path} 缺少列 {'、'.join(missing)}：应有 {','.join(COLUMNS)}")
            return list(reader)
    except OSError as error:
        raise UnusableFile(f"无法读取 {path}：{error.strerror}；请检查 --pairs") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnusableFile(f"{path} 不是 UTF-8 的 CSV（{type(error).__name__}）：请另存") from error


def _pair(found: Mapping[str, str | None], place: str, row_of: Mapping[str, int]) -> JudgedPair:
    query, candidate, label, component = ((found[name] or "").strip() for name in COLUMNS)
    for name, value in zip(COLUMNS, (query, candidate), strict=False):
        if value not in row_of:
            raise UnusableFile(
                f"{place} 的 {name} 为 {value[:60]!r}：--data 里没有这个编号，请补上这条诉求"
            )
    if query == candidate:
        raise UnusableFile(f"{place} 的 candidate_id 与 query_id 同为 {query[:60]!r}：请删去")
    if label not in _LABELS:
        raise UnusableFile(
            f"{place} 的 label 为 {label[:60]!r}：应为 0（无关）、1（相关）或 2（同一事件）"
        )
    if not component:
        raise UnusableFile(f"{place} 没有 component：请写明同一事件共用的名字")
    return JudgedPair(row_of[query], row_of[candidate], _LABELS[label], component)


def _check_components(path: Path, pairs: Sequence[JudgedPair], id_of: Mapping[int, str]) -> None:
    """Refuse an event in two components: folds would cut through it."""
    owner: dict[int, str] = {}
    for name, rows in members(pairs).items():
        for row in rows:
            if owner.setdefault(row, name) != name:
                raise UnusableFile(
                    f"{path}：编号 {id_of[row]!r} 的事件分在 {owner[row]!r} 与 {name!r} "
                    "两个 component 里，分折会切开它：请合为一个 component"
                )
