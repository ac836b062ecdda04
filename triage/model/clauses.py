"""What each clause of a request adds to the scores of some columns, from the reading already made.

An n-gram belongs to the clause in which it begins. Windows (runs of clauses) are scored as if they
were fields of their own: their n-grams' shares, brought to unit length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.model.features import Document, places
from triage.model.linear import Floats, LinearModel, Reading

_LEAST = 1e-6
_NOTHING = np.zeros((1, 1), np.float32)


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
        s = len(self.added)
        first, last = _RUNS[s] if s < len(_RUNS) else np.triu_indices(s + 1, 1)
        total = np.zeros((s + 1, self.added.shape[1]), np.float32)
        np.cumsum(self.added, axis=0, out=total[1:])
        square = np.zeros((s + 1, s + 1), np.float32)
        square[1:, 1:] = self.gram.cumsum(axis=0).cumsum(axis=1)
        length = square[last, last] - 2 * square[first, last] + square[first, first]
        scores = (total[last] - total[first]) / np.sqrt(np.maximum(length, _LEAST))[:, None]
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
    found = []
    for index, (field, begins) in enumerate(zip(linear.fields, starts, strict=True)):
        text = getattr(document, field.name)
        if not text:
            found.append(Clauses((0,), np.zeros((1, len(columns)), np.float32), _NOTHING))
            continue
        span = linear.span_of(reading, index)
        rows = reading.rows[span]
        m = len(rows) + 1  # the last one is for n-grams without a row
        edges = np.searchsorted(places(text), begins)
        edges[0] = 0
        cells = []
        for seen in reading.occurrences[index]:
            sizes = np.diff(np.minimum(edges, len(seen)), append=len(seen))
            clause = np.repeat(np.arange(len(begins)), sizes)
            cells.append(clause * m + linear.positions(rows, seen))
        counts = np.bincount(np.concatenate(cells), minlength=len(begins) * m)
        vectors = counts.reshape(len(begins), m)[:, :-1].astype(np.float32)
        vectors *= reading.values[span] / reading.counts[span]
        added = vectors @ linear.weights_of(rows, columns)
        found.append(Clauses(tuple(begins), added, vectors @ vectors.T))
    return found
