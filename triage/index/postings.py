"""Which orders are listed under a pair: arrays on disk for the old, lists in memory for the new.

A list is read from its newest end, and not further than `LONGEST`: an event is told within days,
and a pair that more orders have says little.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.index.found import Buckets, Floats, Rows
from triage.index.pairs import BITS

LONGEST = 512
"""Orders read of one list: 24 lists of 512 are added up in under half a millisecond."""


@dataclass(frozen=True, slots=True)
class Postings:
    """Lists of the read-only segment: those of bucket b are `rows[starts[b] : starts[b + 1]]`."""

    starts: NDArray[np.int64]
    rows: NDArray[np.uint32]

    @classmethod
    def of(cls, buckets: Buckets, rows: NDArray[np.uint32]) -> Postings:
        """Return the lists of (bucket, row) couples in whatever order."""
        order = np.lexsort((rows, buckets))
        counts = np.bincount(buckets, minlength=1 << BITS)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return cls(starts, rows[order])

    def couples(self, low: int, high: int) -> tuple[Buckets, NDArray[np.uint32]]:
        """Return the (bucket, row) couples of the buckets from `low` up to `high`, ascending."""
        starts = self.starts[low : high + 1]
        buckets = np.repeat(np.arange(low, high, dtype=np.uint32), np.diff(starts))
        return buckets, np.asarray(self.rows[starts[0] : starts[-1]])

    def find(self, pairs: Buckets, weights: Floats, most: int) -> tuple[Rows, Floats]:
        """Return the rows that share most, and how much they share, best first."""
        ends = self.starts[pairs + 1]
        begins = np.maximum(self.starts[pairs], ends - LONGEST)
        lists = [self.rows[a:b] for a, b in zip(begins.tolist(), ends.tolist(), strict=True)]
        return _best(lists, weights, most)


class FreshPostings:
    """Lists of the segment in memory; not safe for threads."""

    def __init__(self) -> None:
        self._lists: defaultdict[int, list[int]] = defaultdict(list)

    def add(self, row: int, pairs: Iterable[int]) -> None:
        """List a row under its pairs."""
        for bucket in pairs:
            self._lists[bucket].append(row)

    def find(self, pairs: Buckets, weights: Floats, most: int) -> tuple[Rows, Floats]:
        """Return the rows that share most, and how much they share, best first."""
        empty: list[int] = []
        lists = [
            np.array(self._lists.get(bucket, empty)[-LONGEST:], np.uint32)
            for bucket in pairs.tolist()
        ]
        return _best(lists, weights, most)


def _best(lists: Sequence[NDArray[np.uint32]], weights: Floats, most: int) -> tuple[Rows, Floats]:
    if not lists:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    listed = np.concatenate(lists)
    if not len(listed):
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    order = np.argsort(listed, kind="stable")  # merges the lists, each of which ascends
    listed = listed[order]
    first = np.flatnonzero(np.concatenate([[True], listed[1:] != listed[:-1]]))
    each = np.repeat(weights, [len(one) for one in lists])[order]
    shared = np.add.reduceat(each, first)
    likely = np.argpartition(-shared, most - 1)[:most] if len(shared) > most else slice(None)
    rows, shared = listed[first][likely], shared[likely]
    best = np.lexsort((rows, -shared))
    return rows[best].astype(np.int64), shared[best]
