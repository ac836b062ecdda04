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
    `vector` float32 (d,) is an encoder's, where the model has one. `characters` is the length of
    the text, `titled` whether there is a title.
    """

    rows: Rows
    values: Floats
    counts: NDArray[np.int64]
    occurrences: list[list[Rows]]
    characters: int
    titled: bool
    vector: Floats | None = None


class LinearModel:
    """Score documents with a quantised weight table.

    Parameters
    ----------
    fields : the fields and orders it was trained with
    bucket : int32 (V,), kept buckets, sorted within a field
    field_start : int32 (fields + 1,), first row of each field
    idf : float32 (V,)
    slot : int32 (V,), the row of `table` that holds a bucket's weights; -1 where it has none and
        only counts towards the length of its field
    table : int8 (T, K); scale : float32 (K,), value of one unit; bias : float32 (K,)
    """

    def __init__(
        self,
        fields: Sequence[Field],
        *,
        bucket: Rows,
        field_start: Rows,
        idf: Floats,
        slot: Rows,
        table: NDArray[np.int8],
        scale: Floats,
        bias: Floats,
    ) -> None:
        nothing = len(idf)  # the row of n-grams that have none: no weight, no idf
        self.fields = tuple(fields)
        self._field_start = field_start
        self._idf = np.append(idf, np.float32(0))
        self._noughts = np.int32(len(table))  # the row after the last, for what has no weights
        self._slot = np.append(np.where(slot < 0, self._noughts, slot), self._noughts)
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
        return Reading(rows, values, counts, occurrences, len(document.text), bool(document.title))

    def known_share(self, reading: Reading, field: str) -> float:
        """Return the share of a field's n-grams that have a row, in [0, 1]; 1 without any."""
        index = next(i for i, known in enumerate(self.fields) if known.name == field)
        seen = reading.occurrences[index]
        total = sum(len(part) for part in seen)
        nothing = len(self._idf) - 1
        unknown = sum(np.count_nonzero(part == nothing) for part in seen)
        return 1 - unknown / total if total else 1.0

    def scores(self, readings: Sequence[Reading]) -> Floats:
        """Return raw scores, float32 (n, K); (0, K) for no readings."""
        result = np.empty((len(readings), len(self._bias)), np.float32)
        for index, reading in enumerate(readings):
            slots = self._slot[reading.rows]
            weighed = slots < self._noughts
            gathered = self._table[slots[weighed]].astype(np.float32)
            np.matmul(reading.values[weighed], gathered, out=result[index])
        result *= self._scale
        result += self._bias
        return result

    def positions(self, reading: Reading) -> NDArray[np.int64]:
        """Return where the row of each occurrence stands in `reading.rows`, int64, in order."""
        by_row = self._scratch()
        by_row[reading.rows] = np.arange(len(reading.rows))  # exact in float32 up to 2^24
        seen = np.concatenate([part for field in reading.occurrences for part in field])
        places_in_rows: NDArray[np.int64] = by_row[seen].astype(np.int64)
        return places_in_rows

    def weights_of(self, rows: Rows, columns: Sequence[int]) -> Floats:
        """Return what each row weighs in some columns, float32 (m, k); zeros for row V."""
        cells = (self._slot[rows] * self._table.shape[1])[:, None] + np.array(columns, np.int64)
        weights: Floats = self._table.take(cells).astype(np.float32)
        weights *= self._scale[columns]
        return weights

    def bias_of(self, columns: Sequence[int]) -> Floats:
        """Return the bias of some columns, float32 (k,)."""
        bias: Floats = self._bias[columns]
        return bias

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
        share = reading.values / reading.counts * self._scale[column]
        share *= self._table[self._slot[reading.rows], column]
        return self._spread(index, getattr(document, field), reading, share)

    def mixed_weights(
        self, document: Document, reading: Reading, coefficients: Floats
    ) -> dict[str, Floats]:
        """Return what each character added to D mixtures of the columns' scores.

        Parameters
        ----------
        coefficients : float32 (K, D), how much of each column a mixture takes

        Returns
        -------
        dict field → float32 (D, len(field's text))
        """
        gathered = self._table[self._slot[reading.rows]].astype(np.float32)
        shares = gathered @ (self._scale[:, None] * coefficients)
        shares *= (reading.values / reading.counts)[:, None]
        weights = {}
        for index, field in enumerate(self.fields):
            text = getattr(document, field.name)
            parts = [self._spread(index, text, reading, share) for share in shares.T]
            weights[field.name] = np.stack(parts) if parts else np.empty((0, len(text)), np.float32)
        return weights

    def _spread(self, index: int, text: str, reading: Reading, share: Floats) -> Floats:
        """Lay the share of each row on the characters of one field, float32 (len(text),)."""
        where = places(text)
        dense = np.zeros(len(where), np.float32)
        if len(reading.rows):
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
