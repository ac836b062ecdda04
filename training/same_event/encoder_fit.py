"""Fit the vectors of the static encoder: a few axes of meaning, many of chance, in closed form.

Meaning is truncated SVD of the weighted n-grams (LSA, Deerwester et al. 1990), whitened within
requests: what differs between title and detail of one request counts less. Chance is a random
projection (Johnson–Lindenstrauss): names of places that no text had before keep their own
direction. What else was tried stands in docs/same_event.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix, vstack
from sklearn.utils.extmath import randomized_svd

from training.same_event.texts import Told
from triage.model.encoder import Floats
from triage.same_event.static_encoder import DIMENSIONS, StaticEncoder, text_buckets

BUCKETS = 1 << 16
"""16 MiB of int8 at 256 dimensions: the most that the limit of 20 MB leaves room for."""
MEANING = 32
"""Axes of meaning. Of 32, 64 and 96 with equal weight of chance, 32 was best on held-out titles →
details (mean reciprocal rank 0.496, 0.476, 0.439) and on the judged pairs, which were seen."""
SHRINK = 0.05
"""Of the covariance within requests to a multiple of the identity, by its mean variance."""
READ = 400
"""Characters of the detail, as `triage.same_event.entry` hands them to an encoder."""


def fit_encoder(texts: Sequence[Told], *, seed: int = 0) -> StaticEncoder:
    """Return the encoder fitted on titled texts; the same for the same texts and seed."""
    idf = _bucket_idf(texts)
    titles = _weighted([one.title for one in texts], idf)
    details = _weighted([one.detail[:READ] for one in texts], idf)
    wholes = _weighted([f"{one.title}\n{one.title}\n{one.detail[:READ]}" for one in texts], idf)
    _, _, axes = randomized_svd(
        vstack([wholes, titles]).tocsr(), n_components=MEANING, n_iter=3, random_state=seed
    )
    meaning = _whitened(axes.T.astype(np.float32), titles, details)
    meaning /= np.sqrt(np.square(wholes @ meaning).sum(axis=1).mean())
    chance = np.random.default_rng(seed).integers(0, 2, (BUCKETS, DIMENSIONS - MEANING)) * 2.0 - 1
    chance /= np.sqrt(DIMENSIONS - MEANING)
    return quantised_encoder(np.hstack([meaning, chance]).astype(np.float32), idf)


def quantised_encoder(vectors: Floats, bucket_idf: Floats) -> StaticEncoder:
    """Return an encoder of int8 rows; the scale of a row is part of its weight."""
    most = np.maximum(np.abs(vectors).max(axis=1), 1e-9)
    rows = np.rint(vectors / most[:, None] * 127).astype(np.int8)
    return StaticEncoder(rows, (most / 127 * bucket_idf).astype(np.float32))


def _bucket_idf(texts: Sequence[Told]) -> Floats:
    """Return float32 (BUCKETS,): ln((n + 1) / (df + 1)) of each bucket among the texts."""
    counts = np.zeros(BUCKETS, np.int64)
    for one in texts:
        counts[np.unique(text_buckets(f"{one.title}\n{one.detail[:READ]}", BUCKETS))] += 1
    return np.log((len(texts) + 1) / (counts + 1)).astype(np.float32)


def _weighted(texts: Sequence[str], idf: Floats) -> csr_matrix:
    """Return the weights of all n-grams, rows of unit length; (n, BUCKETS)."""
    rows, values, ends = [], [], [0]
    for text in texts:
        found, counts = np.unique(text_buckets(text, BUCKETS), return_counts=True)
        weights = np.sqrt(counts) * idf[found]
        rows.append(found)
        values.append(weights / max(float(np.linalg.norm(weights)), 1e-9))
        ends.append(ends[-1] + len(found))
    data = np.concatenate(values).astype(np.float32)
    return csr_matrix((data, np.concatenate(rows), ends), shape=(len(texts), BUCKETS))


def _whitened(axes: Floats, titles: csr_matrix, details: csr_matrix) -> Floats:
    """Return the axes by which title and detail of one request differ evenly."""
    apart = _unit(titles @ axes) - _unit(details @ axes)
    within = apart.T @ apart / len(apart)
    within += SHRINK * np.trace(within) / len(within) * np.eye(len(within), dtype=np.float32)
    values, vectors = np.linalg.eigh(within)
    whitening: Floats = (vectors * values**-0.5) @ vectors.T
    return axes @ whitening


def _unit(rows: Floats) -> Floats:
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    found: Floats = (rows / lengths).astype(np.float32)
    return found
