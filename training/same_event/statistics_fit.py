"""Count how rare each hashed n-gram is among texts; see `triage.same_event.statistics`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from training.same_event.texts import Told
from triage.model.features import BUCKET_BITS, Gram, characters, hashed
from triage.same_event.profile import MAX_DETAIL, ORDERS
from triage.same_event.statistics import quantised

_GRAMS: tuple[Gram, ...] = tuple((0, order) for order in ORDERS)


def fit_rarity(texts: Iterable[Told]) -> NDArray[np.uint8]:
    """Return the table of rarities, uint8 (2^22,)."""
    counts = np.zeros(1 << BUCKET_BITS, np.int64)
    n = 0
    for one in texts:
        parts = [one.title, one.detail[:MAX_DETAIL]]
        keys = [hashed([characters([part]).codes.astype(np.uint64)], _GRAMS) for part in parts]
        counts[np.unique(np.concatenate([*keys[0], *keys[1]]))] += 1
        n += 1
    return quantised(counts, n)
