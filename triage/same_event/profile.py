"""What is computed of one entry once, before it is compared with any other: weighted n-grams.

n-grams of title and detail share their keys, so that a title can be looked for in another detail.
Weights are sublinear counts times idf (Salton & Buckley 1988). No n-gram is kept as text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.model.encoder import Floats
from triage.model.features import Gram, characters, hashed
from triage.same_event.entry import Entry
from triage.same_event.statistics import Rarity

ORDERS = (1, 2, 3, 4)
"""Characters of the n-grams that are compared."""
MAX_DETAIL = 800
"""Characters of the detail that are compared: a request says its matter in fewer."""
TITLE_FROM_DETAIL = 30
"""Characters of the detail that stand for a title where there is none: the usual length of one."""
_GRAMS: tuple[Gram, ...] = tuple((0, order) for order in ORDERS)
Keys = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Profile:
    """The n-grams of an entry; n distinct ones, sorted by order.

    `keys` int32 (n,); `orders` uint8 (n,) in 0 … 3; `idf`, `title`, `detail`, `whole` float32
    (n,): rarity and weights; `norms` float32 (3, 4): lengths of the weights by field and order;
    `mass` float32 (3, 4): sums of idf by field and order; `run` int32 (L,): keys of the title's
    2-grams in order, `run_idf` float32 (L,).
    """

    keys: Keys
    orders: NDArray[np.uint8]
    idf: Floats
    title: Floats
    detail: Floats
    whole: Floats
    norms: Floats
    mass: Floats
    run: Keys
    run_idf: Floats


def head_of(entry: Entry) -> str:
    """Return the title, or the beginning of the detail where there is none."""
    return entry.title if entry.title.strip() else entry.detail[:TITLE_FROM_DETAIL]


def profile(entry: Entry, rarity: Rarity) -> Profile:
    """Return the profile of an entry; without any character it has no n-grams."""
    title, detail = _grams(head_of(entry)), _grams(entry.detail[:MAX_DETAIL])
    keys, orders, counts = _counted(title, detail)
    idf = rarity.idf(keys)
    in_title, in_detail = counts
    weights = np.stack(
        [_sublinear(in_title), _sublinear(in_detail), _sublinear(2 * in_title + in_detail)]
    )
    present = np.stack([in_title > 0, in_detail > 0, in_title + in_detail > 0])
    weights *= idf
    return Profile(
        keys,
        orders,
        idf,
        weights[0],
        weights[1],
        weights[2],
        np.sqrt(_by_order(np.square(weights), orders)),
        _by_order(present * idf, orders),
        title[1],
        rarity.idf(title[1]),
    )


def _grams(text: str) -> list[Keys]:
    return hashed([characters([text]).codes.astype(np.uint64)], _GRAMS)


def _counted(
    title: list[Keys], detail: list[Keys]
) -> tuple[Keys, NDArray[np.uint8], tuple[Floats, Floats]]:
    """Return the distinct keys, their orders, and how often each stands in title and detail."""
    found = [np.unique(np.concatenate(both)) for both in zip(title, detail, strict=True)]
    orders = np.repeat(np.arange(len(found), dtype=np.uint8), [len(keys) for keys in found])
    counts = []
    for field in (title, detail):
        parts = [
            np.bincount(np.searchsorted(keys, own), minlength=len(keys))
            for keys, own in zip(found, field, strict=True)
        ]
        counts.append(np.concatenate(parts).astype(np.float32))
    return np.concatenate(found), orders, (counts[0], counts[1])


def _sublinear(counts: Floats) -> Floats:
    return np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0).astype(np.float32)


def _by_order(values: Floats, orders: NDArray[np.uint8]) -> Floats:
    """Return the sums of each row of `values` by order, shape (rows, 4)."""
    sums = [np.bincount(orders, row, minlength=len(ORDERS)) for row in values]
    return np.stack(sums).astype(np.float32)
