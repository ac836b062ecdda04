"""The two sources of a new snapshot: what stays of the one before, and what is spooled beside it.

Both number their orders from 0, those that are gone left out; where an order comes to lie in the
new snapshot is told by its caller.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.index.found import Buckets, Floats, Rows
from triage.index.segment import Segment

Ids = NDArray[np.bytes_]


class Kept:
    """What stays of a segment when some ids are gone; nothing where there was none."""

    def __init__(self, segment: Segment | None, gone: Collection[str]) -> None:
        self._segment = segment
        alive = np.ones(len(segment) if segment else 0, bool)
        if segment and gone:
            rows = segment.rows_of(sorted(gone))
            alive[rows[rows >= 0]] = False
        self._rows = np.flatnonzero(alive)
        self._numbers = np.where(alive, np.cumsum(alive) - 1, -1)
        self.ids: Ids = segment.ids[self._rows] if segment else np.zeros(0, "S1")

    def listed(self) -> int:
        """Return how many (bucket, number) couples there are."""
        if self._segment is None:
            return 0
        return int(np.count_nonzero(self._numbers[self._segment.postings.rows] >= 0))

    def couples(self, low: int, high: int) -> tuple[Buckets, Rows]:
        """Return the (bucket, number) couples of the buckets from `low` up to `high`."""
        if self._segment is None:
            return np.zeros(0, np.uint32), np.zeros(0, np.int64)
        buckets, rows = self._segment.postings.couples(low, high)
        numbers = self._numbers[rows]
        return buckets[numbers >= 0], numbers[numbers >= 0]

    def vectors(self, numbers: Rows) -> Floats:
        """Return the vectors of these numbers, as near as the codes have them."""
        if self._segment is None:
            return np.zeros((0, 0), np.float32)
        return self._segment.codes.decoded(self._rows[numbers])


class Spooled:
    """Vectors that lie in a file of float16, of which only the last of each id stands."""

    def __init__(self, path: Path, places: Mapping[str, int], spooled: int, width: int) -> None:
        found = np.fromiter(places.values(), np.int64, len(places))
        order = np.argsort(found)
        names = np.array([one.encode() for one in places] or [b""], np.bytes_)[: len(places)]
        self.ids: Ids = names[order]
        self.width = width
        self._places = found[order]
        self.numbers = np.full(spooled, -1, np.int64)
        self.numbers[self._places] = np.arange(len(places))
        self._file = (
            np.memmap(path, np.float16, "r", shape=(spooled, width))
            if spooled
            else np.zeros((0, width), np.float16)
        )

    def vectors(self, numbers: Rows) -> Floats:
        """Return the vectors of these numbers."""
        return np.asarray(self._file[self._places[numbers]], np.float32)
