"""Boosted trees as tables: every tree a row of nodes, all rows walked together. NumPy only.

Fitted elsewhere (gradient boosting with monotone constraints, Friedman 2001); here they are read
and summed. A node's children stand at `left` and `right`; a leaf is its own child.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.model.encoder import Floats

_TABLES = ("feature", "threshold", "left", "right", "value", "blank_left")


@dataclass(frozen=True, slots=True)
class Trees:
    """T trees of at most m nodes.

    `feature`, `left`, `right` int16, `threshold`, `value` float32, each (T, m); `blank_left` bool
    (T, m): where a missing value (NaN) goes; `start` is added to every sum, `depth` is the longest
    path.
    """

    feature: NDArray[np.int16]
    threshold: Floats
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    value: Floats
    blank_left: NDArray[np.bool_]
    start: float
    depth: int

    def sum(self, features: Floats) -> Floats:
        """Return the log-odds of each row of `features` (n, k); float32 (n,)."""
        n, k = features.shape
        first = np.arange(len(self.feature), dtype=np.int32) * self.feature.shape[1]
        feature, threshold = self.feature.ravel().astype(np.int32), self.threshold.ravel()
        left, right = ((side + first[:, None]).ravel() for side in (self.left, self.right))
        values, row = features.ravel(), (np.arange(n, dtype=np.int32) * k)[:, None]
        has_blanks = bool(np.isnan(values).any())
        node = np.broadcast_to(first, (n, len(first)))
        for _ in range(self.depth):
            seen = values.take(feature.take(node) + row)
            below = seen <= threshold.take(node)
            if has_blanks:
                below |= np.isnan(seen) & self.blank_left.ravel().take(node)
            node = np.where(below, left.take(node), right.take(node))
        total: Floats = self.value.ravel().take(node).sum(axis=1) + np.float32(self.start)
        return total

    def tensors(self, name: str) -> dict[str, NDArray[np.generic]]:
        """Return the tables under `name`, as a safetensors file holds them."""
        found: dict[str, NDArray[np.generic]] = {f"{name}.{p}": getattr(self, p) for p in _TABLES}
        found[f"{name}.start"] = np.array([self.start], np.float32)
        found[f"{name}.depth"] = np.array([self.depth], np.int64)
        return found

    @classmethod
    def read(cls, tensors: Mapping[str, NDArray[np.generic]], name: str) -> Trees:
        """Read what `tensors` wrote; KeyError where a table is missing."""
        return cls(
            tensors[f"{name}.feature"].astype(np.int16),
            tensors[f"{name}.threshold"].astype(np.float32),
            tensors[f"{name}.left"].astype(np.int16),
            tensors[f"{name}.right"].astype(np.int16),
            tensors[f"{name}.value"].astype(np.float32),
            tensors[f"{name}.blank_left"].astype(np.bool_),
            float(tensors[f"{name}.start"].astype(np.float64)[0]),
            int(tensors[f"{name}.depth"].astype(np.int64)[0]),
        )
