"""Find for each entry of a pool those worth judging: near by vector, or sharing what is rare.

Dense search is exact, in blocks; lexical search lists every entry under its rarest n-grams
(idf, Spärck Jones 1972) and reads short lists only. Texts that are the same are one here, so that a
thousand copies cost one. For millions of orders there is `triage.index`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from triage.model.encoder import Floats
from triage.same_event.overlap import COLUMNS, overlap
from triage.same_event.pair_features import Prepared

DENSE = LEXICAL = 60
"""Candidates from either side, before they are ranked."""
JUDGED = 30
"""Best-ranked candidates that are judged: they hold 98.7 % of what is one event over the whole pool
(evaluation/results/same_event.json, recall_at_30)."""
LISTED = 64
"""Rarest n-grams that an entry is listed under, of two and three characters."""
LONGEST = 2_000
"""Entries of a list that is still read: a longer one says little and costs much."""
BLOCK = 512
"""Rows of the dense search at once: 512 by a hundred thousand float32 are 200 MB."""
_WHOLE = COLUMNS.index("cosine_whole_12")


class Pool:
    """Prepared entries that can be searched; ids need not be unique."""

    def __init__(self, entries: Sequence[Prepared]) -> None:
        self.entries = tuple(entries)
        self._vectors = (
            np.stack([each.vectors[1] for each in entries])
            if entries
            else np.zeros((0, 1), np.float32)
        )
        lists: dict[int, list[int]] = defaultdict(list)
        for place, entry in enumerate(entries):
            for key in _rarest(entry):
                lists[key].append(place)
        self._lists = {key: np.array(own) for key, own in lists.items() if len(own) <= LONGEST}

    def search(
        self, queries: Sequence[Prepared], *, dense: int = DENSE, lexical: int = LEXICAL
    ) -> Iterator[list[int]]:
        """Yield the places of each query's candidates, the nearest by vector first.

        A query that is an entry of the pool (the same object) is not its own candidate.
        """
        for start in range(0, len(queries), BLOCK):
            block = queries[start : start + BLOCK]
            nearest = self._nearest(np.stack([each.vectors[1] for each in block]), dense + 1)
            for query, near in zip(block, nearest, strict=True):
                sharing = self._sharing(query, lexical + 1) if lexical else []
                found = dict.fromkeys([*near.tolist(), *sharing])
                yield [place for place in found if self.entries[place] is not query]

    def ranked(self, query: Prepared, places: Sequence[int]) -> list[int]:
        """Return places by the cosine of character 1–2-grams, highest first; no label is in it."""
        shared = overlap(query.profile, [self.entries[place].profile for place in places])
        return [places[row] for row in np.argsort(-shared[:, _WHOLE], kind="stable").tolist()]

    def _nearest(self, vectors: Floats, k: int) -> NDArray[np.int64]:
        if not self.entries:
            return np.zeros((len(vectors), 0), np.int64)
        cosines = vectors @ self._vectors.T
        k = min(k, len(self.entries))
        best = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(cosines, best, 1), axis=1, kind="stable")
        return np.take_along_axis(best, order, 1)

    def _sharing(self, query: Prepared, k: int) -> list[int]:
        """Return the places that share the most with a query, by idf squared, at most k."""
        hits = [
            (self._lists[key], idf) for key, idf in _rarest(query).items() if key in self._lists
        ]
        if not hits or not k:
            return []
        places = np.concatenate([own for own, _ in hits])
        weights = np.repeat([idf * idf for _, idf in hits], [len(own) for own, _ in hits])
        found, slot = np.unique(places, return_inverse=True)
        total = np.bincount(slot, weights)
        return [int(place) for place in found[np.argsort(-total, kind="stable")[:k]]]


def _rarest(one: Prepared) -> dict[int, float]:
    """Return the rarest n-grams of two and three characters with their idf."""
    profile = one.profile
    chosen = np.flatnonzero((profile.orders == 1) | (profile.orders == 2))
    worth = profile.idf[chosen] * (1 + (profile.title[chosen] > 0))
    best = chosen[np.argsort(-worth, kind="stable")[:LISTED]]
    return dict(zip(profile.keys[best].tolist(), profile.idf[best].tolist(), strict=True))
