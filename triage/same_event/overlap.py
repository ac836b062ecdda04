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
from triage.same_event.stack import Places, Stack, stacked

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
    if not candidates:
        return np.zeros((0, len(COLUMNS)), np.float32)
    return overlap_of(query, stacked(candidates))


def overlap_of(query: Profile, others: Stack) -> Floats:
    """Return the same of candidates that were put together."""
    places = _scratch.places
    places[query.keys] = np.arange(1, len(query.keys) + 1, dtype=np.uint16)
    try:
        met = places.take(others.keys)
        here = met.nonzero()[0]
        at = met.take(here).astype(np.int64) - 1
        cell = others.cells.take(here)
        grams = _grams(query, others, here, at, cell)
        titles = _titles(query, others, places, at, cell // _K)
    finally:
        places[query.keys] = 0
    return np.hstack([grams, titles]).astype(np.float32)


def _grams(
    query: Profile, others: Stack, here: Places, at: Places, cell: Places
) -> NDArray[np.float64]:
    """Return the columns that need no order of the n-grams.

    What is shared lies at `here` in the candidates and at `at` in the query, but where the orders
    differ two n-grams only have one key.
    """
    n = len(others)
    same = query.orders.take(at) == cell % _K
    here, at, cell = here[same], at[same], cell[same]
    theirs = others.weights(here)
    mine = query.title.take(at), query.detail.take(at), query.whole.take(at)
    idf = query.idf.take(at)
    in_mine, in_other = mine[0] > 0, theirs[0] > 0
    dots = [one * other for one, other in zip(mine, theirs, strict=True)]
    tops = [idf * (in_mine & in_other), idf * (in_mine | in_other), idf]
    sums = _by_cell(np.add, cell, [*dots, idf * in_mine, idf * in_other, idf], n)
    most = _by_cell(np.maximum, cell, tops, n)
    norms, mass = others.norms.astype(np.float64), others.mass.astype(np.float64)
    columns = [*(sums[:3] / np.maximum(query.norms[:, None] * norms, _TINY))]
    for low, high in ((0, 2), (1, 3)):
        own = np.sqrt(np.square(query.norms[2, low:high]).sum())
        other = np.sqrt(np.square(norms[2, :, low:high]).sum(axis=1))
        shared = sums[2, :, low:high].sum(axis=1) / np.maximum(own * other, _TINY)
        columns.append(shared[:, None])
    for field, (forth, back) in ((0, sums[3:5]), (2, sums[[5, 5]])):
        # How much of one's field stands anywhere in the other, by idf: least and most.
        forth = (forth / np.maximum(query.mass[field], _TINY))[:, 1:3]
        back = (back / np.maximum(mass[field], _TINY))[:, 1:3]
        columns += [np.minimum(forth, back), np.maximum(forth, back)]
    return np.hstack([*columns, *most[:, :, 1:]])


def _by_cell(
    ufunc: np.ufunc, cell: Places, values: Sequence[Floats], n: int
) -> NDArray[np.float64]:
    """Return float64 (rows, n, K): each row of values put together by cell; cells ascend."""
    found = np.zeros((len(values), n * _K))
    if len(cell):
        first = np.flatnonzero(np.concatenate([[True], cell[1:] != cell[:-1]]))
        stacked = np.array(values, np.float64)
        found[:, cell[first]] = ufunc.reduceat(stacked, first, axis=1)
    return found.reshape(len(values), n, _K)


def _titles(
    query: Profile, others: Stack, places: NDArray[np.uint16], at: Places, owner: Places
) -> Floats:
    """Return the weightiest unbroken run of a title found, and missed, in the other's whole.

    Both ways at once: rows 0 … n - 1 are the query's title in each candidate, the others each
    candidate's title in the query.
    """
    n, own = len(others), len(query.run)
    width = max(own, int(others.runs.max()))
    shared, weight = np.zeros((2 * n, width), np.bool_), np.zeros((2 * n, width), np.float32)
    if own:
        met = np.zeros((n, len(query.keys)), np.bool_)
        met[owner, at] = True
        shared[:n, :own] = met[:, places.take(query.run).astype(np.int64) - 1]
        weight[:n, :own] = query.run_idf
    inside = np.arange(width) < others.runs[:, None]
    shared[n:][inside] = places.take(others.run) > 0
    weight[n:][inside] = others.run_idf
    columns = []
    for both in (*_longest(shared, weight), _peak(shared, weight), _name(shared, weight)):
        columns += [np.minimum(both[:n], both[n:]), np.maximum(both[:n], both[n:])]
    return np.stack(columns, axis=1)


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
    """Return the greatest sums of weight over unbroken shared, and unshared, stretches; (n,).

    A stretch weighs what has been summed up to its end less what had been before it began.
    """
    upto = np.cumsum(weight, axis=1)
    outside = np.where(shared, 0, upto), np.where(shared, upto, 0)
    found = [
        np.where(is_in, upto - np.maximum.accumulate(before, axis=1), 0).max(axis=1, initial=0.0)
        for is_in, before in zip((shared, ~shared), outside, strict=True)
    ]
    return found[0], found[1]
