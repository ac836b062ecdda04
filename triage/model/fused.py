"""All heads' calibrations laid side by side, so that a request costs a few operations, not forty.

Same numbers as `Calibration.logits` head by head (a test holds them together); only the order of
work differs: every array spans all columns of the weight table.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from triage.model.calibration import SHAPES, Array, Calibration, expectation, softmax


class FusedCalibration:
    """Logits of all columns at once.

    Parameters
    ----------
    columns : slice of the K columns, by head
    final, first : fitted calibrations by head; `first` holds the multiclass heads
    """

    def __init__(
        self,
        columns: Mapping[str, slice],
        final: Mapping[str, Calibration],
        first: Mapping[str, Calibration],
    ) -> None:
        width = max(span.stop for span in columns.values())
        self._first = _Own(width, columns, first)
        self._final = _Own(width, columns, final)
        self._sources = {name: columns[name] for name in first}
        self._tables = {
            name: np.ones((span.stop - span.start, width), np.float32)
            for name, span in self._sources.items()
        }
        self._weights = {name: np.zeros(width, np.float32) for name in self._sources}
        for name, calibration in final.items():
            for link, weight in zip(calibration.links, calibration.weights[SHAPES:], strict=True):
                self._tables[link.source][:, columns[name]] = link.table
                self._weights[link.source][columns[name]] = weight

    def logits(self, scores: Array) -> Array:
        """Return logits float32 (n, K) from raw scores (n, K)."""
        curved = np.square(np.maximum(1 + scores, 0))
        hinged = np.maximum(scores, 0)
        first = self._first.logits(scores, curved, hinged)
        logits = self._final.logits(scores, curved, hinged)
        for name, span in self._sources.items():
            probabilities = softmax(first[:, span])
            logits += self._weights[name] * expectation(probabilities, self._tables[name])
        return logits


class _Own:
    """The part of the logits that comes from a head's own scores, over all columns."""

    def __init__(
        self, width: int, columns: Mapping[str, slice], parts: Mapping[str, Calibration]
    ) -> None:
        self._weights = np.zeros((SHAPES, width), np.float32)
        self._offset = np.zeros(width, np.float32)
        for name, calibration in parts.items():
            self._weights[:, columns[name]] = calibration.weights[:SHAPES]
            self._offset[columns[name]] = calibration.offset

    def logits(self, scores: Array, curved: Array, hinged: Array) -> Array:
        logits: Array = self._weights[0] * scores
        logits += self._weights[1] * curved
        logits += self._weights[2] * hinged
        logits += self._offset
        return logits
