"""The small segment: what came since the snapshot, in the memory of each process.

Exact: every vector is compared. Not safe for threads: `OrderIndex` locks.
"""

from __future__ import annotations

from collections.abc import Sequence

import faiss
import numpy as np

from triage.index.found import Buckets, Floats, Printed, Rows
from triage.index.postings import FreshPostings


class Fresh:
    """Orders added one after another; a row is a place in that order."""

    def __init__(self, dimensions: int) -> None:
        self._vectors = faiss.IndexFlatIP(dimensions)
        self.ids: list[str] = []
        self._rows: dict[str, int] = {}
        self._dead: set[int] = set()
        self.postings = FreshPostings()

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, order_id: str) -> bool:
        return order_id in self._rows

    @property
    def living(self) -> int:
        """How many orders can be found here."""
        return len(self._rows)

    def add(self, printed: Printed, kept: Sequence[Buckets]) -> None:
        """Add orders, listed under the pairs that were kept; a known id is replaced."""
        self.remove(printed.ids)
        first = len(self.ids)
        self._vectors.add(printed.vectors)
        self.ids += printed.ids
        for row, (one, pairs) in enumerate(zip(printed.ids, kept, strict=True), first):
            if (twin := self._rows.get(one)) is not None:
                self._dead.add(twin)  # twice in one batch: the last one stands
            self._rows[one] = row
            self.postings.add(row, pairs.tolist())

    def remove(self, ids: Sequence[str]) -> int:
        """Hide orders; return how many were here."""
        rows = [self._rows.pop(one) for one in ids if one in self._rows]
        self._dead.update(rows)
        return len(rows)

    def search(self, vector: Floats, most: int) -> tuple[Rows, Floats]:
        """Return the nearest rows and their cosines, best first."""
        if not self.ids:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        wanted = None
        if self._dead:
            dead = np.fromiter(self._dead, np.int64, len(self._dead))
            wanted = faiss.SearchParameters(sel=faiss.IDSelectorNot(faiss.IDSelectorBatch(dead)))
        cosines, rows = self._vectors.search(vector[None], most, params=wanted)
        found = rows[0] >= 0
        return rows[0][found], cosines[0][found]

    def is_alive(self, row: int) -> bool:
        """Say whether a row was neither removed nor replaced."""
        return row not in self._dead
