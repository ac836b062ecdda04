"""Judged pairs as rows of the texts at hand, and folds of them that cut through no event.

How pairs are written down and read is known to `evaluation.judged_pairs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from evaluation.judged_pairs import SAME_EVENT, JudgedPair
from triage.errors import UnusableFile

RowPair: TypeAlias = JudgedPair[int]
"""A pair by the rows of its texts."""
K = TypeVar("K", str, int)


def in_rows(pairs: Sequence[JudgedPair[str]], row_of: Mapping[str, int]) -> list[RowPair]:
    """Return the pairs by row; `row_of` gives the row of an id's text."""
    return [
        JudgedPair(row_of[pair.query], row_of[pair.candidate], pair.label, pair.component)
        for pair in pairs
    ]


def fold_components(pairs: Sequence[JudgedPair[K]], *, folds: int, seed: int) -> dict[str, int]:
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


def rows_of(ids: Iterable[str]) -> dict[str, int]:
    """Return the row of each id of the data.

    Raises
    ------
    UnusableFile
        An id stands twice.
    """
    rows: dict[str, int] = {}
    for row, id in enumerate(ids):
        if rows.setdefault(id, row) != row:
            raise UnusableFile(f"--data 里编号 {id[:60]!r} 出现了两次：请去重")
    return rows
