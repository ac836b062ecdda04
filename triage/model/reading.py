"""Documents in, readings out: which n-grams of the vocabulary they hold, and what each weighs.

A batch is read in one go: the same two dozen array operations serve one document or a hundred. How
n-grams become scores is `triage.model.linear`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from triage.model.features import BUCKET_BITS, Characters, Document, Field, Gram, characters, hashed

AT_ONCE = 256
"""Documents read in one go at most; more gain nothing and no longer fit the cache."""
_MAX_COUNT = 256
_LOG_COUNT = (1 + np.log(np.maximum(np.arange(_MAX_COUNT + 1), 1))).astype(np.float32)

_LEAST = 1e-12

Rows = NDArray[np.int32]
Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
Keys: TypeAlias = "NDArray[np.int32] | NDArray[np.int64]"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model sees of one document.

    `rows` int32 (m,) sorted and unique with their tf · idf `values` float32 (m,) and `counts`;
    `occurrences`: for each field, for each order, the row of every n-gram in text order. An n-gram
    without a row has row V, whose value is 0.
    `characters` is the length of the text, `titled` whether there is a title. `places`: for each
    field, where the characters stand that n-grams are made of. `vector` float32 (d,) is an
    encoder's, where the model has one.
    """

    rows: Rows
    values: Floats
    counts: Numbers
    occurrences: list[list[Rows]]
    characters: int
    titled: bool
    places: tuple[Numbers, ...] = ()
    vector: Floats | None = None


class Reader:
    """Knows the row of every kept bucket.

    Parameters
    ----------
    fields : the fields and orders that the model was trained with
    bucket : int32 (V,), kept buckets, sorted within a field
    field_start : int32 (fields + 1,), first row of each field
    idf : float32 (V,)
    """

    def __init__(
        self, fields: Sequence[Field], *, bucket: Rows, field_start: Rows, idf: Floats
    ) -> None:
        self.nothing = len(idf)  # the row of n-grams that have none: no weight, no idf
        self._fields = tuple(fields)
        self._idf = np.append(idf, np.float32(0))
        self._starts = field_start.astype(np.int32)
        self._row_of = []
        for start, end in pairwise(field_start.tolist()):
            row_of = np.full(1 << BUCKET_BITS, self.nothing, np.int32)
            row_of[bucket[start:end]] = np.arange(start, end, dtype=np.int32)
            self._row_of.append(row_of)
        every = [np.arange(1 << 16, dtype=np.uint64)] * len(fields)
        self._row_of_one = [  # for single characters, without the way through their buckets
            row_of.take(hashed(every, [(index, 1)])[0]) for index, row_of in enumerate(self._row_of)
        ]
        self._grams = [
            (index, order) for index, field in enumerate(fields) for order in field.orders
        ]
        self._longer = [gram for gram in self._grams if gram[1] > 1]

    def read(self, documents: Sequence[Document]) -> list[Reading]:
        """Hash and weigh documents, each as it would be by itself; [] for none."""
        if len(documents) > AT_ONCE:
            return [*self.read(documents[:AT_ONCE]), *self.read(documents[AT_ONCE:])]
        if not documents:
            return []
        n = len(documents)
        laid = characters(
            [getattr(document, field.name) for field in self._fields for document in documents]
        )
        found = self._rows(laid, n)
        cuts, rows, values, counts = self._weighed(self._keys(laid, found, n), n)
        return [
            Reading(
                rows[start:end],
                values[start:end],
                counts[start:end],
                self._occurrences(laid, found, range(index, len(laid.places), n)),
                len(document.text),
                bool(document.title),
                tuple(laid.places[index::n]),
            )
            for index, (document, (start, end)) in enumerate(
                zip(documents, pairwise(cuts), strict=True)
            )
        ]

    def _rows(self, laid: Characters, n: int) -> dict[Gram, Rows]:
        """Return the row of the n-gram at every character, those across texts too."""
        fields = list(pairwise(laid.bounds[::n]))
        long = laid.codes.astype(np.uint64)
        buckets = hashed([long[start:end] for start, end in fields], self._longer)
        found = {
            (field, order): self._row_of[field].take(of_gram)
            for (field, order), of_gram in zip(self._longer, buckets, strict=True)
        }
        for index, (start, end) in enumerate(fields):
            found[index, 1] = self._row_of_one[index].take(laid.codes[start:end])
        return found

    def _occurrences(
        self, laid: Characters, found: Mapping[Gram, Rows], texts: Sequence[int]
    ) -> list[list[Rows]]:
        """Return the rows of one document's n-grams, by field and order."""
        seen = []
        for index, (field, text) in enumerate(zip(self._fields, texts, strict=True)):
            begin = laid.bounds[text - texts[0]]  # of the field
            low, high = laid.bounds[text] - begin, laid.bounds[text + 1] - begin
            seen.append(
                [found[index, order][low : max(low, high - order + 1)] for order in field.orders]
            )
        return seen

    def _keys(self, laid: Characters, found: Mapping[Gram, Rows], n: int) -> Keys:
        """Return row + document × (V + 1) of all n-grams, sorted; none goes across texts."""
        if n == 1:
            keys = np.concatenate([found[gram] for gram in self._grams])
            keys.sort()
            return keys
        base = self._base(n)
        bounds = np.array(laid.bounds)
        sizes = bounds[1:] - bounds[:-1]
        owners = [base[:-1].repeat(sizes[start : start + n]) for start in range(0, len(sizes), n)]
        parts = []
        across = 0
        for field, order in self._grams:
            owner = owners[field]
            part = found[field, order] + owner[: len(found[field, order])]
            if order > 1:
                joins = (owner[order - 1 :] != owner[: len(part)]).nonzero()[0]
                part[joins] = base[-1]
                across += len(joins)
            parts.append(part)
        keys = np.concatenate(parts)
        keys.sort()
        return keys[: len(keys) - across]

    def _base(self, n: int) -> Keys:
        """Return by how much the rows of each of n documents are raised, and those of none."""
        step = self.nothing + 1
        base: Numbers = np.arange(n + 1) * step
        return base.astype(np.int32) if n * step < 1 << 31 else base

    def _weighed(self, keys: Keys, n: int) -> tuple[list[int], Rows, Floats, Numbers]:
        """Return where each document's part begins and ends, with all rows, values and counts."""
        is_first = np.empty(len(keys), np.bool_)
        is_first[:1] = True
        np.not_equal(keys[1:], keys[:-1], out=is_first[1:])
        first = is_first.nonzero()[0]
        counts = np.empty(len(first), np.int64)
        counts[-1:] = len(keys) - first[-1:]
        np.subtract(first[1:], first[:-1], out=counts[:-1])
        kept = keys.take(first)
        base = self._base(n)[:-1]
        edges = kept.searchsorted((base[:, None] + self._starts).ravel())
        cuts = np.append(edges[:: len(self._starts)], len(kept))
        if n > 1:
            kept -= base.repeat(cuts[1:] - cuts[:-1])
        rows = kept.astype(np.int32, copy=False)
        values = _LOG_COUNT.take(counts, mode="clip")
        values *= self._idf.take(rows)
        _to_unit_length(values, edges)
        return cuts.tolist(), rows, values, counts


def _to_unit_length(values: Floats, begins: Numbers) -> None:
    """Bring each field's part of each document to unit length, in place.

    `begins` are where parts begin; the last of a document, what has no row, has noughts only.
    """
    sizes = np.empty_like(begins)
    np.subtract(begins[1:], begins[:-1], out=sizes[:-1])
    sizes[-1:] = len(values) - begins[-1:]
    squares = np.zeros(len(values) + 1)  # a part may begin at the very end
    np.square(values, out=squares[:-1])
    squares = np.add.reduceat(squares, begins)
    np.maximum(squares, _LEAST, out=squares)  # of an empty part, whatever it says is not used
    values *= (1 / np.sqrt(squares)).astype(np.float32).repeat(sizes)
