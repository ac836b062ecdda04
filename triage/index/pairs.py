"""Pairs of neighbouring characters, hashed: what names of places and things are found again by.

No pair is kept, only its bucket. Which pairs are rare is counted over what was indexed, so that an
order is listed under its rarest ones alone (idf, Spärck Jones 1972).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from triage.index.found import Buckets, Floats
from triage.text.fold import SPACE, fold

BITS = 20
"""2^20 buckets: common Chinese has some 300,000 pairs of characters."""
KEPT = 24
"""Pairs that an order is listed under: 96 bytes an order."""
_PRIME = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, Knuth's multiplicative hashing
_SHIFT = np.uint64(64 - BITS)
_LONGEST = 2_000
"""Characters that are read: what comes later is seldom the place."""


def pairs_of(text: str) -> Buckets:
    """Return the buckets of all pairs of characters, each once; uint32 (m,), values < 2^20."""
    codes = fold(text[:_LONGEST]).astype(np.uint64)
    codes = codes[codes != SPACE]
    hashed = ((codes[:-1] << np.uint64(16)) | codes[1:]) * _PRIME >> _SHIFT
    return np.unique(hashed.astype(np.uint32))


class Rarity:
    """In how many orders each bucket was seen."""

    def __init__(self, counts: NDArray[np.uint32] | None = None, orders: int = 0) -> None:
        self.counts = np.zeros(1 << BITS, np.uint32) if counts is None else counts
        self.orders = orders

    def count(self, pairs: Buckets) -> None:
        """Count the pairs of one more order."""
        self.counts[pairs] += 1
        self.orders += 1

    def rarest(self, pairs: Buckets, most: int = KEPT) -> Buckets:
        """Return the rarest of these pairs, no more than `most`."""
        if len(pairs) <= most:
            return pairs
        return pairs[np.argpartition(self.counts[pairs], most)[:most]]

    def weights(self, pairs: Buckets) -> Floats:
        """Return ln(1 + n / (1 + count)) for each pair; float32 (m,)."""
        seen = self.counts[pairs].astype(np.float32)
        weights: Floats = np.log1p(np.float32(max(self.orders, 1)) / (1 + seen))
        return weights
