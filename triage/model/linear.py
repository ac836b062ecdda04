"""The linear model at run time: hashed n-grams → one weight table → scores of every head.

One int8 table holds all columns, so a request costs one gather and one product. Scores become
probabilities in `triage.model.calibration`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.model.features import Document, Field
from triage.model.reading import Floats, Reader, Reading, Rows


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
        self.fields = tuple(fields)
        self._field_start = field_start.astype(np.int32)  # of the rows' kind: looked up faster
        self._reader = Reader(fields, bucket=bucket, field_start=field_start, idf=idf)
        self._noughts = np.int32(len(table))  # the row after the last, for what has no weights
        self._slot = np.append(np.where(slot < 0, self._noughts, slot), self._noughts)
        self._table = np.vstack([table, np.zeros((1, table.shape[1]), np.int8)])
        self._cells = self._table.reshape(-1)
        self._scale = scale
        self._bias = bias
        self._local = threading.local()

    def read(self, document: Document) -> Reading:
        """Hash and weigh one document; the input of the other methods."""
        return self.read_all([document])[0]

    def read_all(self, documents: Sequence[Document]) -> list[Reading]:
        """Hash and weigh documents: as `read` does each, for far less a document."""
        return self._reader.read(documents)

    def known_share(self, reading: Reading, field: str) -> float:
        """Return the share of a field's n-grams that have a row, in [0, 1]; 1 without any."""
        index = next(i for i, known in enumerate(self.fields) if known.name == field)
        total = sum(map(len, reading.occurrences[index]))
        first, last = reading.rows.searchsorted(self._field_start[index : index + 2])
        known = int(reading.counts[first:last].sum())
        return 1 - (total - known) / total if total else 1.0

    def scores(self, readings: Sequence[Reading]) -> Floats:
        """Return raw scores, float32 (n, K); (0, K) for no readings."""
        result = np.empty((len(readings), len(self._bias)), np.float32)
        for index, reading in enumerate(readings):
            slots = self._slot.take(reading.rows)
            weighed = (slots < self._noughts).nonzero()[0]
            gathered = self._table.take(slots.take(weighed), axis=0).astype(np.float32)
            np.matmul(reading.values.take(weighed), gathered, out=result[index])
        result *= self._scale
        result += self._bias
        return result

    def positions(self, reading: Reading) -> NDArray[np.int64]:
        """Return where the row of each occurrence stands in `reading.rows`, int64, in order."""
        by_row = self._scratch()
        by_row[reading.rows] = np.arange(len(reading.rows))  # exact in float32 up to 2^24
        seen = np.concatenate([part for field in reading.occurrences for part in field])
        places_in_rows: NDArray[np.int64] = by_row.take(seen).astype(np.int64)
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
        share *= self._cells.take(self._slot.take(reading.rows) * self._table.shape[1] + column)
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
        gathered = self._table.take(self._slot.take(reading.rows), axis=0).astype(np.float32)
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
        where = reading.places[index]
        dense = np.zeros(len(where), np.float32)
        if len(reading.rows):
            by_row = self._scratch()
            by_row[reading.rows] = share  # rows of other requests keep what they held: none is read
            for order, seen in zip(
                self.fields[index].orders, reading.occurrences[index], strict=True
            ):
                weight = by_row.take(seen)
                if order == 1:
                    dense += weight
                    continue
                weight /= order
                for step in range(order):
                    dense[step : step + len(weight)] += weight
        if len(where) == len(text):
            return dense
        result = np.zeros(len(text), np.float32)
        result[where] = dense
        return result

    def _scratch(self) -> Floats:
        """Return this thread's array of one float a row; looking up beats searching."""
        scratch: Floats | None = getattr(self._local, "by_row", None)
        if scratch is None:
            scratch = self._local.by_row = np.zeros(self._reader.nothing + 1, np.float32)
        return scratch
