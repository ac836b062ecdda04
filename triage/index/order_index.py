"""The index of one process: the mapped segment, what came since, and what was taken away.

Dense and lexical candidates are ranked together by reciprocal rank (Cormack, Clarke and Büttcher
2009). Safe for threads. `mark`, its place in the ledger, is its
caller's to move on.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np

from triage.index.found import Buckets, Floats, Hit, Printed
from triage.index.fresh import Fresh
from triage.index.manifest import Mark
from triage.index.pairs import Rarity
from triage.index.segment import Segment

_FLAT = 60
"""The constant of reciprocal rank fusion: that of the paper."""


class OrderIndex:
    """Search, add and remove at once.

    Parameters
    ----------
    segment
        The snapshot that this begins with; None begins empty.
    """

    def __init__(self, segment: Segment | None, dimensions: int) -> None:
        self.dimensions = dimensions
        self.mark = segment.facts.mark if segment else Mark()
        self._segment = segment
        self._fresh = Fresh(dimensions)
        self._rarity = segment.rarity() if segment else Rarity()
        self._alive = None if segment is None else _all_alive(len(segment))
        self._hidden = 0
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many orders can be found."""
        return (len(self._segment) if self._segment else 0) - self._hidden + self._fresh.living

    def __contains__(self, order_id: str) -> bool:
        """Say whether an order can be found."""
        with self._lock:
            if order_id in self._fresh:
                return True
            if self._segment is None or self._alive is None:
                return False
            (row,) = self._segment.rows_of([order_id]).tolist()
            return row >= 0 and bool(self._alive[row >> 3] >> (row & 7) & 1)

    @property
    def fresh(self) -> int:
        """How many rows were added since the snapshot, and how many of its own are hidden."""
        return len(self._fresh) + self._hidden

    @property
    def segment(self) -> Segment | None:
        """The snapshot that this began with."""
        return self._segment

    def add(self, printed: Printed) -> None:
        """Add orders; one whose id is known is replaced. They are found when this returns."""
        with self._lock:
            self._hide(printed.ids)
            kept = []
            for pairs in printed.pairs:
                self._rarity.count(pairs)
                kept.append(self._rarity.rarest(pairs))
            self._fresh.add(printed, kept)

    def remove(self, ids: Sequence[str]) -> None:
        """Take orders out; unknown ids are ignored. They are not found when this returns."""
        with self._lock:
            self._hide(ids)
            self._fresh.remove(ids)

    def search(self, vector: Floats, pairs: Buckets, most: int) -> list[Hit]:
        """Return the orders nearest in meaning or by rare pairs, best first; [] when empty.

        `vector` float32 (d,) of unit length; `pairs` as `triage.index.pairs.pairs_of` gives them.
        """
        with self._lock:
            rare = self._rarity.rarest(pairs)
            weights = self._rarity.weights(rare)
            dense = self._dense(vector, most)
            shared = self._shared(rare, weights, most)
        scores: dict[str, float] = {}
        for ranked in (dense, shared):
            for rank, one in enumerate(ranked):
                scores[one] = scores.get(one, 0.0) + 1 / (_FLAT + rank)
        best = sorted(scores, key=lambda one: -scores[one])[:most]
        return [Hit(one, dense.get(one, 0.0), shared.get(one, 0.0)) for one in best]

    def _dense(self, vector: Floats, most: int) -> dict[str, float]:
        found: list[tuple[float, str]] = []
        if self._segment:
            alive = self._alive if self._hidden else None
            rows, cosines = self._segment.search(vector, most, alive)
            found += zip(cosines.tolist(), self._segment.ids_of(rows), strict=True)
        rows, cosines = self._fresh.search(vector, most)
        found += zip(cosines.tolist(), (self._fresh.ids[row] for row in rows), strict=True)
        found.sort(key=lambda one: -one[0])
        return {one: cosine for cosine, one in found[:most]}

    def _shared(self, rare: Buckets, weights: Floats, most: int) -> dict[str, float]:
        found: list[tuple[float, str]] = []
        if self._segment and self._alive is not None:
            rows, shares = self._segment.postings.find(rare, weights, most)
            living = self._alive[rows >> 3] >> (rows & 7) & 1 == 1
            ids = self._segment.ids_of(rows[living])
            found += zip(shares[living].tolist(), ids, strict=True)
        rows, shares = self._fresh.postings.find(rare, weights, most)
        found += (
            (share, self._fresh.ids[row])
            for row, share in zip(rows.tolist(), shares.tolist(), strict=True)
            if self._fresh.is_alive(row)
        )
        found.sort(key=lambda one: -one[0])
        return {one: share for share, one in found[:most]}

    def _hide(self, ids: Sequence[str]) -> None:
        if self._segment is None or self._alive is None or not ids:
            return
        rows = self._segment.rows_of(ids)
        for row in rows[rows >= 0].tolist():
            bit = np.uint8(1 << (row & 7))
            if self._alive[row >> 3] & bit:
                self._alive[row >> 3] &= ~bit
                self._hidden += 1


def _all_alive(count: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.full((count + 7) // 8, 255, np.uint8)
