"""What one profile shares with each of many: cosines, containment, rarest shared, longest run.

One gather finds the shared n-grams of all candidates at once, so thirty candidates cost little
more than one. What the numbers mean for a verdict is not known here.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.model.encoder import Floats
from triage.model.features import BUCKET_BITS
from triage.same_event.profile import ORDERS, Profile

_K = len(ORDERS)
_TINY = np.float32(1e-6)
COLUMNS = (
    *(f"cosine_{field}_{order}" for field in ("title", "detail", "whole") for order in ORDERS),
    "cosine_whole_12",
    "cosine_whole_23",
    *(f"{side}_title_in_other_{order}" for side in ("least", "most") for order in (2, 3)),
    *(f"{side}_whole_in_other_{order}" for side in ("least", "most") for order in (2, 3)),
    *(
        f"rarest_shared_{field}_{order}"
        for field in ("title", "either", "whole")
        for order in (2, 3, 4)
    ),
    "least_run",
    "most_run",
    "least_missed_run",
    "most_missed_run",
    "least_peak",
    "most_peak",
    "least_name",
    "most_name",
)
PEAK = 4.0
"""Power of idf by which a title's rarest 2-grams, mostly its name, outweigh the others."""


class _Scratch(threading.local):
    """One table key → place in the query, reused; 8 MB a thread."""

    def __init__(self) -> None:
        self.places = np.zeros(1 << BUCKET_BITS, np.uint16)


_scratch = _Scratch()


def overlap(query: Profile, candidates: Sequence[Profile]) -> Floats:
    """Return float32 (n, len(COLUMNS)): what `query` shares with each candidate.

    Symmetric: exchanging query and candidate gives the same numbers.
    """
    n = len(candidates)
    if not n:
        return np.zeros((0, len(COLUMNS)), np.float32)
    places = _scratch.places
    places[query.keys] = np.arange(1, len(query.keys) + 1, dtype=np.uint16)
    try:
        columns = _Shared(query, candidates, places).columns()
        runs = _runs(query, candidates, places)
    finally:
        places[query.keys] = 0
    return np.column_stack([*columns, *runs]).astype(np.float32)


class _Shared:
    """The n-grams that the query shares with any candidate, one row each."""

    def __init__(
        self, query: Profile, candidates: Sequence[Profile], places: NDArray[np.uint16]
    ) -> None:
        self.n = len(candidates)
        lengths = [len(each.keys) for each in candidates]
        keys = np.concatenate([each.keys for each in candidates])
        orders = np.concatenate([each.orders for each in candidates])
        found = places[keys].nonzero()[0]
        at = places[keys[found]].astype(np.int64) - 1
        same = query.orders[at] == orders[found]
        found, at = found[same], at[same]
        owner = np.repeat(np.arange(self.n), lengths)[found]
        self.cell = owner * _K + orders[found]
        self.idf = query.idf[at]
        self.query = np.stack([query.title[at], query.detail[at], query.whole[at]])
        self.other = np.stack(
            [
                np.concatenate([getattr(each, name) for each in candidates])[found]
                for name in ("title", "detail", "whole")
            ]
        )
        self.norms = query.norms, np.stack([each.norms for each in candidates])
        self.mass = query.mass, np.stack([each.mass for each in candidates])

    def columns(self) -> list[Floats]:
        """Return the columns that need no order of the n-grams."""
        dots = [self._sum(self.query[f] * self.other[f]) for f in range(3)]
        mine, theirs = self.norms
        columns = [
            dots[f][:, o] / np.maximum(mine[f, o] * theirs[:, f, o], _TINY)
            for f in range(3)
            for o in range(_K)
        ]
        for low, high in ((0, 2), (1, 3)):
            own = np.sqrt(np.square(mine[2, low:high]).sum())
            other = np.sqrt(np.square(theirs[:, 2, low:high]).sum(axis=1))
            columns.append(dots[2][:, low:high].sum(axis=1) / np.maximum(own * other, _TINY))
        columns += self._contained(0) + self._contained(2)
        return columns + self._rarest()

    def _contained(self, field: int) -> list[Floats]:
        """Return how much of one's field stands anywhere in the other, by idf: least and most."""
        mine, theirs = self.mass
        forth = self._sum(self.idf * (self.query[field] > 0)) / np.maximum(mine[field], _TINY)
        back = self._sum(self.idf * (self.other[field] > 0)) / np.maximum(theirs[:, field], _TINY)
        both = np.minimum(forth, back), np.maximum(forth, back)
        return [side[:, o] for side in both for o in (1, 2)]

    def _rarest(self) -> list[Floats]:
        """Return the highest idf among what both titles, one title, both wholes share."""
        in_query, in_other = self.query[0] > 0, self.other[0] > 0
        columns = []
        for kept in (in_query & in_other, in_query | in_other, np.ones_like(in_query)):
            most = np.zeros(self.n * _K, np.float32)
            np.maximum.at(most, self.cell[kept], self.idf[kept])
            columns += list(most.reshape(self.n, _K)[:, 1:].T)
        return columns

    def _sum(self, values: Floats) -> Floats:
        sums = np.bincount(self.cell, values, minlength=self.n * _K)
        return sums.reshape(self.n, _K).astype(np.float32)


def _runs(
    query: Profile, candidates: Sequence[Profile], places: NDArray[np.uint16]
) -> list[Floats]:
    """Return the weightiest unbroken run of a title found, and missed, in the other's whole."""
    n = len(candidates)
    forth = np.zeros((n, len(query.run)), np.bool_)
    if len(query.run):
        at = places[query.run].astype(np.int64) - 1
        mark = np.zeros(len(query.keys), np.bool_)
        for row, each in enumerate(candidates):
            hit = places[each.keys].astype(np.int64)
            mark[hit[hit > 0] - 1] = True
            forth[row] = mark[at]
            mark[hit[hit > 0] - 1] = False
    own = np.broadcast_to(query.run_idf, forth.shape)
    found, missed = _longest(forth, own)
    peak, name = _peak(forth, own), _name(forth, own)
    width = max(len(each.run) for each in candidates)
    back = np.zeros((n, width), np.bool_)
    weight = np.zeros((n, width), np.float32)
    for row, each in enumerate(candidates):
        back[row, : len(each.run)] = places[each.run] > 0
        weight[row, : len(each.run)] = each.run_idf
    found_back, missed_back = _longest(back, weight)
    peak_back, name_back = _peak(back, weight), _name(back, weight)
    return [
        np.minimum(found, found_back),
        np.maximum(found, found_back),
        np.minimum(missed, missed_back),
        np.maximum(missed, missed_back),
        np.minimum(peak, peak_back),
        np.maximum(peak, peak_back),
        np.minimum(name, name_back),
        np.maximum(name, name_back),
    ]


def _peak(shared: NDArray[np.bool_], weight: Floats) -> Floats:
    """Return which share of the weights, raised to PEAK, is shared; (n,), 0 without a title."""
    raised = weight**PEAK
    share: Floats = (raised * shared).sum(axis=1) / np.maximum(raised.sum(axis=1), _TINY)
    return share


def _name(shared: NDArray[np.bool_], weight: Floats) -> Floats:
    """Return the highest idf that two neighbouring shared 2-grams both reach; (n,).

    A single rare 2-gram is often where two common words meet; two in a row are part of a name.
    """
    both = np.minimum(weight[:, :-1], weight[:, 1:]) * (shared[:, :-1] & shared[:, 1:])
    found: Floats = both.max(axis=1, initial=0.0)
    return found


def _longest(shared: NDArray[np.bool_], weight: Floats) -> tuple[Floats, Floats]:
    """Return the greatest sums of weight over unbroken shared, and unshared, stretches; (n,)."""
    best = np.zeros((2, len(shared)), np.float32)
    open_ = np.zeros((2, len(shared)), np.float32)
    for column in range(shared.shape[1]):
        now, value = shared[:, column], weight[:, column]
        open_[0] = np.where(now, open_[0] + value, 0)
        open_[1] = np.where(now, 0, open_[1] + value)
        np.maximum(best, open_, out=best)
    return best[0], best[1]
