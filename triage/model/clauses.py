"""What each clause of a request adds to the scores of some columns, from the reading already made.

An n-gram belongs to the clause in which it begins. Windows (runs of clauses) are scored as if they
were fields of their own: their n-grams' shares, brought to unit length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.model.features import Document
from triage.model.linear import LinearModel
from triage.model.reading import Floats, Reading

_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Clauses:
    """Scores by clause of one field.

    `added` float32 (S, k) sums over both fields, with the bias, to the document's scores; `gram`
    float32 (S, S) are inner products of the clauses' vectors; `starts` are offsets in characters.
    """

    starts: tuple[int, ...]
    added: Floats
    gram: Floats

    def windows(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """Return the runs of clauses [first, last), int64 (w,), and their scores (w, k)."""
        s, k = self.added.shape
        first, last = _RUNS[s] if s < len(_RUNS) else np.triu_indices(s + 1, 1)
        total = np.zeros((s + 1, k), np.float32)
        np.add.accumulate(self.added, axis=0, out=total[1:])
        square = np.zeros((s + 1, s + 1), np.float32)
        inner = square[1:, 1:]
        np.add.accumulate(self.gram, axis=0, out=inner)
        np.add.accumulate(inner, axis=1, out=inner)
        own = square.diagonal()
        length = own.take(last) - 2 * square.take(first * (s + 1) + last) + own.take(first)
        scores = total.take(last, axis=0) - total.take(first, axis=0)
        scores /= np.sqrt(np.maximum(length, _LEAST))[:, None]
        return first, last, scores


_RUNS = [np.triu_indices(s + 1, 1) for s in range(16)]


def read_clauses(
    linear: LinearModel,
    document: Document,
    reading: Reading,
    starts: Sequence[Sequence[int]],
    columns: Sequence[int],
) -> list[Clauses]:
    """Return the scores of each field's clauses.

    Parameters
    ----------
    starts : for each field of the model, where its clauses begin, offsets in characters
    columns : of the weight table, (k,)
    """
    texts = [getattr(document, field.name) for field in linear.fields]
    begins = [tuple(part) if text else (0,) for text, part in zip(texts, starts, strict=True)]
    sizes = [len(part) for part in begins]
    owners = []  # of every n-gram, the clause in which it begins, counted through all fields
    before = 0
    for part, where, seen in zip(begins, reading.places, reading.occurrences, strict=True):
        if len(where):
            clause = np.searchsorted(part, where, "right") + (before - 1)
            owners += [clause[: len(grams)] for grams in seen]
        before += len(part)
    m = len(reading.rows)
    cells = np.concatenate(owners or [np.zeros(0, np.int64)]) * m
    cells += linear.positions(reading)
    counts = np.bincount(cells, minlength=before * m)
    vectors = counts.reshape(before, m).astype(np.float32)
    vectors *= reading.values / reading.counts
    added = vectors @ linear.weights_of(reading.rows, columns)
    gram = vectors @ vectors.T
    ends = np.cumsum(sizes).tolist()
    return [
        Clauses(part, added[end - size : end], gram[end - size : end, end - size : end])
        for part, size, end in zip(begins, sizes, ends, strict=True)
    ]
