"""A second encoder beside the built-in one: two more numbers of a pair, its cosines.

An exported transformer tuned on judged pairs, slow and optional: the shipped model has none. An
index is of the first encoder; this one is asked about what is judged only. How the numbers are
weighed is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from triage.model.encoder import Encoder, Floats
from triage.same_event.encoders import texts_of
from triage.same_event.entry import Entry

SECOND_NAMES = ("cosine_second_title", "cosine_second")
SECOND_SIGNS = (1, 1)
KEPT = 20_000
"""Vectors of entries that are kept: 60 MB at 384 dimensions."""


class SecondEncoder:
    """Compares entries by an encoder's vectors; safe to share between threads."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors = lru_cache(KEPT)(self._encode)

    def cosines(self, query: Entry, candidates: Sequence[Entry]) -> Floats:
        """Return float32 (n, 2) in the order of SECOND_NAMES; (0, 2) for no candidates."""
        if not candidates:
            return np.zeros((0, len(SECOND_NAMES)), np.float32)
        others = np.stack([self._vectors(one) for one in candidates])
        found: Floats = np.einsum("nfd,fd->nf", others, self._vectors(query))
        return found

    def forget(self) -> None:
        """Let go of the entries that are kept: words of some were taken away."""
        self._vectors.cache_clear()

    def _encode(self, entry: Entry) -> Floats:
        """Return float32 (2, d): title, or what stands for one, and whole."""
        return self._encoder.encode(texts_of(entry))
