"""The linear model at run time: hashed n-grams → one weight table → scores of every head.

One int8 table holds all columns, so a request costs one gather and one product. Scores become
probabilities in `triage.model.calibration`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

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
    `occurrences`: for each field, for each order, the row of every n-gram in text order (-1: none).
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
        self.fields = tuple(fields)
        self._idf = idf
        self._table = table
        self._scale = scale
        self._bias = bias
        self._row_of = []
        for start, end in itertools.pairwise(field_start):
            row_of = np.full(1 << BUCKET_BITS, -1, np.int32)
            row_of[bucket[start:end]] = np.arange(start, end, dtype=np.int32)
            self._row_of.append(row_of)

    def read(self, document: Document) -> Reading:
        """Hash and weigh one document; the input of the other methods."""
        rows, values, counts, occurrences = [], [], [], []
        for row_of, found in zip(self._row_of, buckets(document, self.fields), strict=True):
            seen = [row_of[part] for part in found]
            occurrences.append(seen)
            kept = np.concatenate(seen)
            kept = kept[kept >= 0]
            if not len(kept):
                continue
            kept.sort()
            first = np.flatnonzero(np.concatenate(([True], kept[1:] != kept[:-1])))
            count = np.diff(first, append=len(kept))
            kept = kept[first]
            value = _LOG_COUNT[np.minimum(count, _MAX_COUNT)] * self._idf[kept]
            value *= 1 / np.sqrt(value @ value)
            rows.append(kept)
            values.append(value)
            counts.append(count)
        if not rows:
            empty = np.empty(0, np.int32)
            return Reading(empty, empty.astype(np.float32), empty.astype(np.int64), occurrences)
        return Reading(
            np.concatenate(rows), np.concatenate(values), np.concatenate(counts), occurrences
        )

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
            share = np.append(share * self._table[reading.rows, column], np.float32(0))
            for order, seen in zip(
                self.fields[index].orders, reading.occurrences[index], strict=True
            ):
                at = np.searchsorted(reading.rows, seen)
                weight = np.where(seen >= 0, share[at], 0) / order
                for step in range(order):
                    dense[step : step + len(weight)] += weight
        result = np.zeros(len(text), np.float32)
        result[where] = dense
        return result
