"""The linear model at run time: hashed n-grams → one weight table → scores of every head.

One int8 table holds all columns, so a request costs one gather and one product. Scores become
probabilities in `triage.model.calibration`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from triage.model.features import BUCKET_BITS, Document, Field, buckets, places

_MAX_COUNT = 256
_LOG_COUNT = (1 + np.log(np.maximum(np.arange(_MAX_COUNT + 1), 1))).astype(np.float32)

Rows = NDArray[np.int32]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model sees of one document.

    `rows` int32 (m,) sorted and unique with their tf · idf `values` float32 (m,) and `counts`;
    `occurrences`: for each field, for each order, the row of every n-gram in text order. An n-gram
    without a row has row V, whose value is 0.
    """

    rows: Rows
    values: Floats
    counts: NDArray[np.int64]
    occurrences: list[list[Rows]]


class LinearModel:
    """Score documents with a quantised weight table.

    Parameters
    ----------
    fields : the fields and orders it was trained with
    bucket : int32 (V,), kept buckets, sorted within a field
    field_start : int32 (fields + 1,), first row of each field
    idf : float32 (V,)
    table : int8 (V, K); scale : float32 (K,), value of one unit; bias : float32 (K,)
    """

    def __init__(
        self,
        fields: Sequence[Field],
        *,
        bucket: Rows,
        field_start: Rows,
        idf: Floats,
        table: NDArray[np.int8],
        scale: Floats,
        bias: Floats,
    ) -> None:
        nothing = len(idf)  # the row of n-grams that have none: no weight, no idf
        self.fields = tuple(fields)
        self._field_start = field_start
        self._idf = np.append(idf, np.float32(0))
        self._table = np.vstack([table, np.zeros((1, table.shape[1]), np.int8)])
        self._scale = scale
        self._bias = bias
        self._local = threading.local()
        self._row_of = []
        for start, end in pairwise(field_start.tolist()):
            row_of = np.full(1 << BUCKET_BITS, nothing, np.int32)
            row_of[bucket[start:end]] = np.arange(start, end, dtype=np.int32)
            self._row_of.append(row_of)

    def read(self, document: Document) -> Reading:
        """Hash and weigh one document; the input of the other methods."""
        occurrences = [
            [row_of[part] for part in found]
            for row_of, found in zip(self._row_of, buckets(document, self.fields), strict=True)
        ]
        rows = np.concatenate([seen for field in occurrences for seen in field])
        rows.sort()
        is_first = np.ones(len(rows), bool)
        np.not_equal(rows[1:], rows[:-1], out=is_first[1:])
        first = np.flatnonzero(is_first)
        counts = np.diff(first, append=len(rows))
        rows = rows[first]
        values = _LOG_COUNT[np.minimum(counts, _MAX_COUNT)] * self._idf[rows]
        edges = np.searchsorted(rows, self._field_start).tolist()
        for start, end in pairwise(edges):
            if end > start:
                part = values[start:end]
                part *= 1 / np.sqrt(part @ part)
        return Reading(rows, values, counts, occurrences)

    def scores(self, readings: Sequence[Reading]) -> Floats:
        """Return raw scores, float32 (n, K); (0, K) for no readings."""
        result = np.empty((len(readings), len(self._bias)), np.float32)
        for index, reading in enumerate(readings):
            gathered = self._table[reading.rows].astype(np.float32)
            np.matmul(reading.values, gathered, out=result[index])
        result *= self._scale
        result += self._bias
        return result

    def character_weights(
        self, document: Document, reading: Reading, field: str, column: int
    ) -> Floats:
        """Return what each character of a field added to one column's score.

        An n-gram's share goes to its characters in equal parts.

        Returns
        -------
        float32 (len(text),)
            Sums, over both fields, to the score less the bias.
        """
        index = next(i for i, known in enumerate(self.fields) if known.name == field)
        text = getattr(document, field)
        where = places(text)
        dense = np.zeros(len(where), np.float32)
        if len(reading.rows):
            share = reading.values / reading.counts * self._scale[column]
            share *= self._table[reading.rows, column]
            by_row = self._scratch()
            by_row[reading.rows] = share  # rows of other requests keep what they held: none is read
            for order, seen in zip(
                self.fields[index].orders, reading.occurrences[index], strict=True
            ):
                weight = by_row[seen] / order
                for step in range(order):
                    dense[step : step + len(weight)] += weight
        result = np.zeros(len(text), np.float32)
        result[where] = dense
        return result

    def _scratch(self) -> Floats:
        """Return this thread's array of one float a row; looking up beats searching."""
        scratch: Floats | None = getattr(self._local, "by_row", None)
        if scratch is None:
            scratch = self._local.by_row = np.zeros(len(self._idf), np.float32)
        return scratch
