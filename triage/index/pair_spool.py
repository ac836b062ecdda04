"""Pairs of new orders, waiting in a file; then the lists of a snapshot, range of buckets by range.

Ten million orders have 240 million pairs: sorted all at once they would take eight times their
size in memory, so that only so many as `AT_ONCE` are ever held.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.index.found import Buckets, Rows
from triage.index.manifest import PAIR_ROWS, PAIR_STARTS
from triage.index.pairs import BITS
from triage.index.postings import Postings
from triage.index.sources import Kept

AT_ONCE = 32_000_000
"""Pairs that are sorted together, about: some 1 GB."""
_READ = 500_000
"""Orders whose pairs are read together: 48 MB."""


class PairSpool:
    """Collects the pairs of orders in the order in which they are added; one thread, one use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")
        self._widths = array("B")

    def add(self, pairs: Buckets) -> None:
        """Add the pairs of one more order, at most 255."""
        self._file.write(pairs.astype(np.uint32).tobytes())
        self._widths.append(len(pairs))

    def close(self) -> None:
        """Take the file away."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def write_lists(self, folder: Path, old: Kept, numbers: Rows, rows: Rows) -> None:
        """Write which orders are listed under each pair.

        Parameters
        ----------
        numbers : for each order added its number among the new ones, -1 for one replaced or gone
        rows : the row of each number, those of `old` first
        """
        self._file.flush()
        widths = np.frombuffer(self._widths, np.uint8) if self._widths else np.zeros(0, np.uint8)
        new = int(widths[numbers >= 0].sum(dtype=np.int64))
        listed = np.lib.format.open_memmap(
            folder / PAIR_ROWS, "w+", np.uint32, (new + old.listed(),)
        )
        counts = np.zeros(1 << BITS, np.int64)
        first = 0
        for low, high in _ranges(len(listed)):
            buckets, owners = old.couples(low, high)
            parts = [(buckets, owners)]
            for some, whose in self._couples(widths, numbers):
                here = (some >= low) & (some < high) & (whose >= 0)
                parts.append((some[here], len(old.ids) + whose[here]))
            everybody = rows[np.concatenate([owners for _, owners in parts])]
            found = Postings.of(
                np.concatenate([buckets for buckets, _ in parts]), everybody.astype(np.uint32)
            )
            listed[first : first + len(found.rows)] = found.rows
            counts += np.diff(found.starts)
            first += len(found.rows)
        listed.flush()
        np.save(folder / PAIR_STARTS, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))

    def _couples(self, widths: NDArray[np.uint8], numbers: Rows) -> Iterator[tuple[Buckets, Rows]]:
        """Give the (bucket, number) couples of the new orders, some orders at a time."""
        begin = 0
        for start in range(0, len(widths), _READ):
            some = widths[start : start + _READ]
            count = int(some.sum(dtype=np.int64))
            buckets = np.fromfile(self._path, np.uint32, count, offset=4 * begin)
            yield buckets, np.repeat(numbers[start : start + _READ], some)
            begin += count


def _ranges(count: int) -> Iterator[tuple[int, int]]:
    """Give ranges of buckets, so many that each has about `AT_ONCE` of the pairs or fewer."""
    parts = 1
    while parts * AT_ONCE < count and parts < 1 << BITS:
        parts *= 2
    width = (1 << BITS) // parts
    for low in range(0, 1 << BITS, width):
        yield low, low + width
