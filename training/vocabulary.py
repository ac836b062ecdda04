"""Which n-gram buckets get a row in the weight table, their idf, and the sparse training matrix.

The weighting is the usual sublinear tf · idf with unit length a field (Salton and Buckley 1988;
scikit-learn's TfidfVectorizer(sublinear_tf=True)); `triage.model.weights` computes the same for
one request, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.model.features import BUCKET_BITS, Document, Field, buckets

FIT_ROWS = 400_000
"""n-grams that separators are fitted on at most: with 250 columns their weights take 400 MB."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Kept buckets in row order: sorted within a field, fields one after another.

    `bucket` int32 (V,), `idf` float32 (V,), `field_start` (fields + 1,) row where each begins.
    """

    bucket: NDArray[np.int32]
    idf: NDArray[np.float32]
    field_start: NDArray[np.int32]


def count(
    documents: Sequence[Document], fields: Sequence[Field]
) -> list[tuple[sp.csr_matrix, NDArray[np.int64]]]:
    """Count buckets a document and field.

    Returns
    -------
    list of (csr (n, 2^BUCKET_BITS) float32 counts, int64 (2^BUCKET_BITS,) document frequency)
    """
    rows: list[list[NDArray[np.int32]]] = [[] for _ in fields]
    for document in documents:
        for part, found in zip(rows, buckets(document, fields), strict=True):
            part.append(np.concatenate(found))
    return [_counts(part) for part in rows]


def choose(
    counted: Sequence[tuple[sp.csr_matrix, NDArray[np.int64]]],
    *,
    min_df: int,
    max_rows: int = FIT_ROWS,
) -> Vocabulary:
    """Keep buckets that at least `min_df` documents hold, the most frequent ones if too many."""
    frequencies = np.concatenate([frequency for _, frequency in counted])
    least = max(min_df, _frequency_at(frequencies, max_rows))
    kept = [np.flatnonzero(frequency >= least) for _, frequency in counted]
    idf = [
        np.log((1 + matrix.shape[0]) / (1 + frequency[index])) + 1
        for (matrix, frequency), index in zip(counted, kept, strict=True)
    ]
    return Vocabulary(
        np.concatenate(kept).astype(np.int32),
        np.concatenate(idf).astype(np.float32),
        np.cumsum([0] + [len(index) for index in kept]).astype(np.int32),
    )


def weigh(
    counted: Sequence[tuple[sp.csr_matrix, NDArray[np.int64]]], vocabulary: Vocabulary
) -> sp.csr_matrix:
    """Return the matrix (n, V), float32: sublinear tf · idf, each field of unit length."""
    parts = []
    for index, (matrix, _) in enumerate(counted):
        span = slice(vocabulary.field_start[index], vocabulary.field_start[index + 1])
        part = matrix[:, vocabulary.bucket[span]].tocsr()
        part.data = (1 + np.log(part.data)) * vocabulary.idf[span][part.indices]
        length = np.sqrt(np.asarray(part.multiply(part).sum(axis=1)).ravel())
        parts.append(sp.diags_array(1 / np.maximum(length, 1e-12)) @ part)
    return sp.hstack(parts, format="csr", dtype=np.float32)


def _counts(part: Sequence[NDArray[np.int32]]) -> tuple[sp.csr_matrix, NDArray[np.int64]]:
    start = np.cumsum([0] + [len(found) for found in part])
    indices = np.concatenate(part) if part else np.empty(0, np.int32)
    shape = (len(part), 1 << BUCKET_BITS)
    matrix = sp.csr_matrix((np.ones(len(indices), np.float32), indices, start), shape=shape)
    matrix.sum_duplicates()
    return matrix, np.bincount(matrix.indices, minlength=shape[1])


def _frequency_at(frequencies: NDArray[np.int64], max_rows: int) -> int:
    if np.count_nonzero(frequencies) <= max_rows:
        return 1
    return int(np.partition(frequencies, -max_rows - 1)[-max_rows - 1]) + 1
