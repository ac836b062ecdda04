"""What is computed of one entry once, before it is compared with any other: weighted n-grams.

n-grams of title and detail share their keys, so that a title can be looked for in another detail.
Weights are sublinear counts times idf (Salton & Buckley 1988). No n-gram is kept as text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.model.encoder import Floats
from triage.model.features import BUCKET_BITS, Gram, characters, hashed
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


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of a text before they are weighed; n distinct ones, sorted by order and key.

    `keys` and `orders` as in `Profile`; `in_title`, `in_detail` int32 (n,): how often each stands
    there; `run` as in `Profile`.
    """

    keys: Keys
    orders: NDArray[np.uint8]
    in_title: Keys
    in_detail: Keys
    run: Keys


def profile(entry: Entry, rarity: Rarity) -> Profile:
    """Return the profile of an entry; without any character it has no n-grams."""
    return weighed(grams(entry), rarity)


def grams(entry: Entry) -> Grams:
    """Return the n-grams of an entry, title and detail counted apart."""
    texts = characters([head_of(entry), entry.detail[:MAX_DETAIL]])
    within = texts.bounds[1]
    parts = hashed([texts.codes.astype(np.uint64)], _GRAMS)  # those across both are left out
    titles = [part[: max(0, within - order + 1)] for part, order in zip(parts, ORDERS, strict=True)]
    details = [part[within:] for part in parts]
    found = np.concatenate([*titles, *details])
    place = [number for _ in range(2) for number in range(len(ORDERS))]
    found += np.repeat(
        np.array(place, np.int32) << BUCKET_BITS, [len(each) for each in (*titles, *details)]
    )
    found <<= 1
    found[sum(map(len, titles)) :] += 1  # the last bit says that it stands in the detail
    found.sort()
    distinct = found >> 1
    first = np.flatnonzero(np.concatenate([[True], distinct[1:] != distinct[:-1]])[: len(found)])
    in_detail = np.add.reduceat(found & 1, first, dtype=np.int32) if len(found) else found
    both = np.diff(first, append=len(found)).astype(np.int32)
    distinct = distinct[first]
    orders = (distinct >> BUCKET_BITS).astype(np.uint8)
    keys = distinct & np.int32((1 << BUCKET_BITS) - 1)
    return Grams(keys, orders, both - in_detail, in_detail, titles[1])


def weighed(found: Grams, rarity: Rarity) -> Profile:
    """Return the profile that n-grams make where they are as rare as this says."""
    in_title, in_detail = found.in_title, found.in_detail
    idf = rarity.idf(found.keys)
    weights = sublinear(np.stack([in_title, in_detail, 2 * in_title + in_detail])) * idf
    present = np.stack([in_title > 0, in_detail > 0, in_title + in_detail > 0])
    return Profile(
        found.keys,
        found.orders,
        idf,
        weights[0],
        weights[1],
        weights[2],
        np.sqrt(_by_order(np.square(weights), found.orders)),
        _by_order(present * idf, found.orders),
        found.run,
        rarity.idf(found.run),
    )


def sublinear(counts: NDArray[np.int32]) -> Floats:
    """Return 1 + ln(count), 0 for none; float32 of the same shape."""
    within = counts.astype(np.float32)
    return np.where(counts > 0, 1 + np.log(np.maximum(within, 1)), 0).astype(np.float32)


def _by_order(values: Floats, orders: NDArray[np.uint8]) -> Floats:
    """Return the sums of each row of `values` by order, shape (rows, 4)."""
    sums = [np.bincount(orders, row, minlength=len(ORDERS)) for row in values]
    return np.stack(sums).astype(np.float32)
