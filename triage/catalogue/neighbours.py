"""Which regions touch, as of a day: those that share a line, and those a row of borders names.

A quarrel of two districts that do not touch is no matter of a line between them, however much its
text speaks of sides. No geometry is known; what no row says does not touch.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache

from triage.catalogue.boundaries import BORDER, Boundary
from triage.catalogue.places import Places, Region

DAYS = 64
"""Days whose pairs are remembered: requests come in for a few."""


class Neighbours:
    """The pairs of regions that touch; sides are what they became by the day that is asked."""

    def __init__(self, places: Places, boundaries: Iterable[Boundary]) -> None:
        self._places = places
        self._boundaries = tuple(boundaries)
        self._on = lru_cache(maxsize=DAYS)(self._pairs)

    def touching(self, regions: Sequence[Region], as_of: date) -> tuple[Region, ...]:
        """Return the regions that touch at least one of the others, in their order."""
        pairs = self._on(as_of)
        return tuple(
            one
            for one in regions
            if any(frozenset((one.code, other.code)) in pairs for other in regions)
        )

    def _pairs(self, as_of: date) -> frozenset[frozenset[str]]:
        return frozenset(
            frozenset(pair)
            for line in self._boundaries
            if line.valid.contains(as_of)
            for pair in self._of(line, as_of)
        )

    def _of(self, line: Boundary, as_of: date) -> Iterator[tuple[str, str]]:
        found = [self._places.successor(code, as_of) for code in line.sides]
        codes = [region.code if region else "" for region in found]
        pairs = itertools.combinations(codes, 2)
        for one, other in pairs if line.kind != BORDER else ((codes[0], c) for c in codes[1:]):
            if one and other and one != other:
                yield one, other
