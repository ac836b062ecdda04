"""How rare an n-gram is in requests: a hashed table of inverse document frequencies.

It holds one byte a bucket and no text. What was counted is said in the model's card; how rare an
n-gram is decides how much its being shared by two requests says (Spärck Jones 1972).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from triage.model.encoder import Floats

STEP = 16.0
"""Bytes a unit of ln(N / df): idf is kept to 0.06, up to 15.9, e^15.9 being 8 million requests."""
Bytes = NDArray[np.uint8]


class Rarity:
    """Looks up the idf of hashed n-grams; `table` uint8 (buckets,), buckets a power of two."""

    def __init__(self, table: Bytes) -> None:
        if len(table) & (len(table) - 1) or not len(table):
            raise ValueError(f"{len(table)} buckets: want a power of two")
        self.table = table
        self._values = (np.arange(256) / STEP).astype(np.float32)

    @classmethod
    def uniform(cls, buckets: int = 1 << 12) -> Rarity:
        """Return a table in which every n-gram is as rare as any other, for tests."""
        return cls(np.full(buckets, int(5 * STEP), np.uint8))

    def idf(self, keys: NDArray[np.int32]) -> Floats:
        """Return float32 (n,), each in [0, 15.94]."""
        found: Floats = self._values[self.table[keys & np.int32(len(self.table) - 1)]]
        return found


def quantised(document_counts: NDArray[np.int64], n: int) -> Bytes:
    """Return the table of `document_counts` (buckets,) among `n` documents, smoothed by one."""
    idf = np.log((n + 1) / (document_counts + 1.0))
    return np.clip(np.rint(idf * STEP), 0, 255).astype(np.uint8)
