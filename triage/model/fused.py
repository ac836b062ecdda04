"""All heads' calibrations laid side by side, so that a request costs a few operations, not forty.

Same numbers as `Calibration.logits` head by head (a test holds them together); only the order of
work differs: every array spans all columns of the weight table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from triage.model.calibration import FLOOR, SHAPES, Array, Calibration, sigmoid
from triage.model.spans import Spans


class FusedCalibration:
    """Logits of all columns at once.

    Parameters
    ----------
    columns : by head its slice of the K columns, which the heads share out in this order
    final, first : fitted calibrations by head; `first` holds the multiclass heads
    """

    def __init__(
        self,
        columns: Mapping[str, slice],
        final: Mapping[str, Calibration],
        first: Mapping[str, Calibration],
    ) -> None:
        self._spans = Spans([span.stop - span.start for span in columns.values()])
        width = len(self._spans.owner)
        self._weights = np.zeros((SHAPES, 2, 1, width), np.float32)  # of the first, of the final
        self._offset = np.zeros((2, 1, width), np.float32)
        for which, parts in enumerate((first, final)):
            for name, own in parts.items():
                self._weights[:, which, 0, columns[name]] = own.weights[:SHAPES]
                self._offset[which, 0, columns[name]] = own.offset
        self._sources = [columns[name] for name in first]
        self._tables = [
            np.ones((span.stop - span.start, width), np.float32) for span in self._sources
        ]
        self._link_weights = np.zeros((len(first), 1, width), np.float32)
        place = {name: index for index, name in enumerate(first)}
        for name, calibration in final.items():
            for link, weight in zip(calibration.links, calibration.weights[SHAPES:], strict=True):
                self._tables[place[link.source]][:, columns[name]] = link.table
                self._link_weights[place[link.source], 0, columns[name]] = weight

    def logits(self, scores: Array) -> Array:
        """Return logits (n, K) from raw scores (n, K)."""
        hinged = np.maximum(scores, 0)
        first, logits = (
            self._weights[0] * scores
            + self._weights[1] * np.square(np.maximum(1 + scores, 0))
            + self._weights[2] * hinged
            + self._offset
        )
        own = self._spans.softmax(first)
        expected = np.empty((len(self._sources), *scores.shape), scores.dtype)
        for span, table, out in zip(self._sources, self._tables, expected, strict=True):
            np.matmul(own[:, span], table, out=out)
        np.log(np.maximum(expected, np.float32(FLOOR)), out=expected)
        expected *= self._link_weights
        for part in expected:  # one by one, as `Calibration` does: the same rounding
            logits += part
        return cast(Array, logits)

    def probabilities(self, scores: Array) -> tuple[Array, Array]:
        """Return each head's softmax (n, K), and every column's own probability (n, K)."""
        logits = self.logits(scores)
        return self._spans.softmax(logits), sigmoid(logits)
