"""The built-in encoder: hashed character n-grams, one vector each, a weighted mean of unit length.

It holds hashes and numbers, no text. The vectors are fitted by `training.same_event`; `untrained`
has random ones, which keep cosines of n-gram overlap (Johnson–Lindenstrauss) and serve as fallback.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from triage.model.encoder import Floats
from triage.model.features import Gram, characters, hashed

ORDERS = (1, 2, 3)
"""Characters of an n-gram: single ones, and what serves as words; longer ones were not tried."""
DIMENSIONS = 256
UNTRAINED_BUCKETS = 1 << 13
_GRAMS: tuple[Gram, ...] = tuple((0, order) for order in ORDERS)

Buckets = NDArray[np.int32]


class StaticEncoder:
    """Encode texts with a table of vectors; safe to call from threads.

    Parameters
    ----------
    vectors : int8 (buckets, d), buckets a power of two
    weights : float32 (buckets,): what one occurrence counts, the scale of its row included
    """

    def __init__(self, vectors: NDArray[np.int8], weights: NDArray[np.float32]) -> None:
        if len(vectors) != len(weights) or len(vectors) & (len(vectors) - 1):
            raise ValueError(f"{len(vectors)} vectors, {len(weights)} weights: want a power of two")
        self.vectors = vectors
        self.weights = weights
        self.dimensions = int(vectors.shape[1])

    @classmethod
    def untrained(cls, *, dimensions: int = DIMENSIONS, seed: int = 0) -> Self:
        """Return an encoder of random vectors, always the same for a seed."""
        rng = np.random.default_rng(seed)
        vectors = rng.integers(-127, 128, (UNTRAINED_BUCKETS, dimensions), np.int8)
        return cls(vectors, np.ones(UNTRAINED_BUCKETS, np.float32))

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return float32 (n, d), rows of unit length; (0, d) for no texts.

        A text without any character (spaces only) has the first axis for its vector.
        """
        found = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            found[row] = self._encode(text)
        return found

    def _encode(self, text: str) -> Floats:
        found = text_buckets(text, len(self.vectors))
        found.sort()
        first = np.flatnonzero(np.concatenate([[True], found[1:] != found[:-1]])[: len(found)])
        rows, counts = found[first], np.diff(first, append=len(found))
        share = self.weights[rows] * np.sqrt(counts).astype(np.float32)
        vector: Floats = share @ self.vectors.take(rows, axis=0).astype(np.float32)
        length = float(np.sqrt(vector @ vector))
        if length == 0.0:
            vector[0] = length = 1.0
        return vector / np.float32(length)


def text_buckets(text: str, size: int) -> Buckets:
    """Return the buckets of all n-grams of a text, with repetitions, values in [0, size)."""
    codes = characters([text]).codes.astype(np.uint64)
    return np.concatenate(hashed([codes], _GRAMS)) & np.int32(size - 1)
