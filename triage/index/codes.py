"""Vectors in one byte a component: what candidates are ranked by, and decoded from.

A uniform scale for each component, laid down once with a margin; 256 bytes for a vector of 256,
mapped from the disk, of which a search reads only its candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.index.found import Floats, Rows

_MARGIN = 0.25
"""Share of the range seen that is kept free at both ends for vectors yet to come."""
_STEPS = 255


@dataclass(frozen=True, slots=True)
class Scale:
    """Component = low + code × step; float32 (d,) both."""

    low: Floats
    step: Floats

    @classmethod
    def of(cls, sample: Floats) -> Scale:
        """Return the scale for vectors like these, float32 (n, d)."""
        low, high = sample.min(axis=0), sample.max(axis=0)
        free = _MARGIN * np.maximum(high - low, np.float32(1e-3))
        return cls(low - free, (high - low + 2 * free) / np.float32(_STEPS))

    @classmethod
    def read(cls, rows: Floats) -> Scale:
        """Return what `rows` wrote."""
        return cls(rows[0], rows[1])

    def rows(self) -> Floats:
        """Return float32 (2, d), to be kept."""
        return np.stack([self.low, self.step])

    def coded(self, vectors: Floats) -> NDArray[np.uint8]:
        """Return uint8 (n, d)."""
        steps: Floats = np.rint((vectors - self.low) / self.step)
        return np.clip(steps, 0, _STEPS).astype(np.uint8)

    def decoded(self, codes: NDArray[np.uint8]) -> Floats:
        """Return float32 (n, d), to within half a step."""
        vectors: Floats = self.low + codes * self.step
        return vectors


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of a segment, uint8 (n, d), and their scale."""

    rows: NDArray[np.uint8]
    scale: Scale

    def cosines(self, vector: Floats, rows: Rows) -> Floats:
        """Return the cosines of some rows with a vector, float32 (m,)."""
        weighted = vector * self.scale.step
        cosines: Floats = self.rows[rows] @ weighted + np.float32(vector @ self.scale.low)
        return cosines

    def decoded(self, rows: Rows) -> Floats:
        """Return some rows as vectors, float32 (m, d)."""
        return self.scale.decoded(self.rows[rows])
