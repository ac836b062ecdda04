"""Boosted trees as tables: every tree a row of nodes; all questions of all trees asked at once.

Fitted elsewhere (gradient boosting with monotone constraints, Friedman 2001); here they are read
and summed, by NumPy only. A node's children stand at `left` and `right`; a leaf is its own child.
No path is walked: a question answered no rules out the leaves below its left child, and the first
leaf that is left is the one reached (QuickScorer, Lucchese et al. 2015).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from triage.model.encoder import Floats

_TABLES = ("feature", "threshold", "left", "right", "value", "blank_left")
_WIDTHS = (np.uint8, np.uint16, np.uint32, np.uint64)
_Bits = NDArray[np.unsignedinteger]


@dataclass(frozen=True, slots=True)
class _Questions:
    """The inner nodes of T trees, at most s of each, and their leaves, at most 64.

    `column` int32, `threshold` float32, `left_to` (bits of the leaves that a no leaves over), each
    (s · T,), the first of all trees first; `value` float32 (T, leaves), `first` int32 (T,).
    """

    column: NDArray[np.int32]
    threshold: Floats
    left_to: _Bits
    value: Floats
    first: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Trees:
    """T trees of at most m nodes, 64 of them leaves.

    `feature`, `left`, `right` int16, `threshold`, `value` float32, each (T, m); `blank_left` bool
    (T, m): where a missing value (NaN) goes; `start` is added to every sum, `depth` is the longest
    path.
    """

    feature: NDArray[np.int16]
    threshold: Floats
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    value: Floats
    blank_left: NDArray[np.bool_]
    start: float
    depth: int
    _questions: _Questions = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_questions", _questions(self))

    def sum(self, features: Floats) -> Floats:
        """Return the log-odds of each row of `features` (n, k); float32 (n,)."""
        total: Floats = self.values(features).sum(axis=1) + np.float32(self.start)
        return total

    def values(self, features: Floats) -> Floats:
        """Return the value of the leaf that each row reaches in each tree; float32 (n, T)."""
        asked = self._questions
        n, trees = len(features), len(asked.first)
        # Column 2f is feature f, where NaN answers no; in column 2f + 1 it answers yes.
        seen = np.repeat(np.asarray(features, np.float32), 2, axis=1)
        blanks = np.isnan(seen)
        blanks[:, ::2] = False
        seen[blanks] = -np.inf
        is_yes = seen.take(asked.column, axis=1) <= asked.threshold
        every = ~asked.left_to.dtype.type(0)
        kept = np.where(is_yes, every, asked.left_to).reshape(n, len(asked.column) // trees, trees)
        left = np.bitwise_and.reduce(kept, axis=1)
        leaf = np.bitwise_count(~left & (left - left.dtype.type(1)))  # the zeros below the first 1
        found: Floats = asked.value.ravel().take(leaf + asked.first)
        return found

    def tensors(self, name: str) -> dict[str, NDArray[np.generic]]:
        """Return the tables under `name`, as a safetensors file holds them."""
        found: dict[str, NDArray[np.generic]] = {f"{name}.{p}": getattr(self, p) for p in _TABLES}
        found[f"{name}.start"] = np.array([self.start], np.float32)
        found[f"{name}.depth"] = np.array([self.depth], np.int64)
        return found

    @classmethod
    def read(cls, tensors: Mapping[str, NDArray[np.generic]], name: str) -> Trees:
        """Read what `tensors` wrote; KeyError where a table is missing, ValueError if too big."""
        return cls(
            tensors[f"{name}.feature"].astype(np.int16),
            tensors[f"{name}.threshold"].astype(np.float32),
            tensors[f"{name}.left"].astype(np.int16),
            tensors[f"{name}.right"].astype(np.int16),
            tensors[f"{name}.value"].astype(np.float32),
            tensors[f"{name}.blank_left"].astype(np.bool_),
            float(tensors[f"{name}.start"].astype(np.float64)[0]),
            int(tensors[f"{name}.depth"].astype(np.int64)[0]),
        )


def joined(one: Trees, other: Trees) -> Trees:
    """Return the trees of both, those of `one` first, so that both are asked in one go.

    Its `values` are those of both; its `sum` means nothing.
    """
    width = max(one.feature.shape[1], other.feature.shape[1])
    wide = [_widened(trees, width) for trees in (one, other)]
    tensors: dict[str, NDArray[np.generic]] = {
        f"b.{name}": np.concatenate([each[name] for each in wide]) for name in _TABLES
    }
    tensors["b.start"] = np.zeros(1, np.float32)
    tensors["b.depth"] = np.array([max(one.depth, other.depth)])
    return Trees.read(tensors, "b")


def _widened(trees: Trees, width: int) -> dict[str, NDArray[np.generic]]:
    """Return the tables with unused nodes up to `width`."""
    room = ((0, 0), (0, width - trees.feature.shape[1]))
    return {name: np.pad(getattr(trees, name), room) for name in _TABLES}


def _questions(trees: Trees) -> _Questions:
    left, right = trees.left.tolist(), trees.right.tolist()
    walked = [_walked(*sides) for sides in zip(left, right, strict=True)]
    most = max((len(leaves) for _, leaves in walked), default=1)
    if most > 64:
        raise ValueError(f"a tree of {most} leaves: want at most 64")
    slots = max((len(inner) for inner, _ in walked), default=0) or 1
    width = next(one for one in _WIDTHS if np.iinfo(one).bits >= most)
    column = np.zeros((slots, len(walked)), np.int32)
    threshold = np.zeros((slots, len(walked)), np.float32)
    left_to = np.full((slots, len(walked)), np.iinfo(width).max, width)
    value = np.zeros((len(walked), most), np.float32)
    for row, (inner, leaves) in enumerate(walked):
        value[row, : len(leaves)] = trees.value[row, leaves]
        for slot, (node, gone) in enumerate(inner):
            column[slot, row] = 2 * int(trees.feature[row, node]) + trees.blank_left[row, node]
            threshold[slot, row] = trees.threshold[row, node]
            left_to[slot, row] = np.iinfo(width).max - gone
    first = np.arange(len(walked), dtype=np.int32) * most
    return _Questions(column.ravel(), threshold.ravel(), left_to.ravel(), value, first)


def _walked(left: list[int], right: list[int]) -> tuple[list[tuple[int, int]], list[int]]:
    """Return the inner nodes, each with the bits of its left child's leaves; and all leaves."""
    inner, leaves = list[tuple[int, int]](), list[int]()

    def walk(node: int) -> None:
        if left[node] == node:
            leaves.append(node)
            return
        before = len(leaves)
        walk(left[node])
        inner.append((node, (1 << len(leaves)) - (1 << before)))
        walk(right[node])

    walk(0)
    return inner, leaves
