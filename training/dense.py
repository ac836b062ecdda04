"""The dense block in training: an encoder's vectors beside the n-grams, standardised and scaled.

The encoder is frozen here. Vectors of requests that it was tuned on come from its cross-fitted
copies (`triage encoder tune --folds`), never from itself: it knows their labels by heart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from evaluation.metrics import accuracy
from training.heads import Columns, Plan, fit_columns
from training.labels import Head, spans_of
from triage.model.calibration import Array


@dataclass(frozen=True, slots=True)
class Standard:
    """What vectors are centred on and divided by, (d,) each; rows then have a length of about 1.

    Sentence vectors share most of their direction; a margin sees nothing before it is taken out.
    """

    mean: Array
    deviation: Array

    @classmethod
    def of(cls, vectors: Array) -> Standard:
        """Measure vectors (n, d); a dimension that never varies counts as noughts."""
        deviation = vectors.std(axis=0) * np.sqrt(vectors.shape[1])
        return cls(vectors.mean(axis=0), np.where(deviation > 0, deviation, np.inf))

    def apply(self, vectors: Array) -> Array:
        """Return the standardised vectors, float32 (n, d)."""
        standardised: Array = ((vectors - self.mean) / self.deviation).astype(np.float32)
        return standardised

    def unapply(self, columns: Columns, scale: float) -> tuple[Columns, Array]:
        """Split weights fitted on [n-grams, scaled vectors] into the table's and the vectors' own.

        Returns
        -------
        Columns of the n-grams, whose bias takes in the centring; float32 (d, K) for raw vectors
        """
        v = len(columns.weights) - len(self.mean)
        own: Array = (columns.weights[v:] * (scale / self.deviation)[:, None]).astype(np.float32)
        bias = (columns.bias - self.mean @ own).astype(np.float32)
        return Columns(columns.weights[:v], bias), own


def beside(X: sp.csr_matrix, vectors: Array, scale: float) -> sp.csr_matrix:
    """Return n-grams (n, V) and scaled vectors (n, d) as one matrix (n, V + d)."""
    return sp.hstack(
        [X, sp.csr_matrix(vectors * np.float32(scale))], format="csr", dtype=np.float32
    )


def choose_scale(
    candidates: Sequence[float],
    heads: Sequence[Head],
    plans: Sequence[Plan],
    *,
    train: tuple[sp.csr_matrix, Array, Array, NDArray[np.float64]],
    held: tuple[sp.csr_matrix, Array, Array],
) -> float:
    """Return the scale with the best mean accuracy of the multiclass heads on the held-out fold.

    Parameters
    ----------
    train : n-grams, vectors, targets and weights of the rows that are learned from
    held : n-grams, vectors and targets of the fold that is asked about
    """
    if len(candidates) == 1:
        return candidates[0]
    X, Z, y, weight = train
    found = []
    for scale in candidates:
        part = fit_columns(beside(X, Z, scale), y, plans, sample_weight=weight)
        scores = beside(held[0], held[1], scale) @ part.weights + part.bias
        found.append(_mean_accuracy(heads, scores, held[2]))
    return candidates[int(np.argmax(found))]


def _mean_accuracy(heads: Sequence[Head], scores: Array, y: Array) -> float:
    found = [0.0]
    for head, span in zip(heads, spans_of(heads).values(), strict=True):
        known = ~np.isnan(y[:, span.start])
        if head.kind == "multiclass" and known.any():
            truth = y[known, span].argmax(axis=1)
            found.append(accuracy(truth, scores[known, span].argmax(axis=1)))
    return float(np.mean(found))
