"""Drawing by weight within groups, many at once: one sorted table and one search.

Knows nothing of what is drawn: groups and entries are indices.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BELOW_ONE = 1 - 1e-9
"""Keeps group + u below group + 1 in floating point."""


class WeightedGroups:
    """Entries with weights, in groups 0, 1 …; every group has an entry of positive weight."""

    def __init__(self, weights: NDArray[np.float64], group: NDArray[np.int64]) -> None:
        """Take weights (n,) and groups (n,) in ascending order."""
        total = np.bincount(group, weights)
        if (total <= 0).any() or (np.diff(group) < 0).any():
            raise ValueError("groups must be sorted, each with a positive weight")
        before = np.concatenate([[0.0], np.cumsum(total)])[group]
        self._ends = group + (np.cumsum(weights) - before) / total[group]
        self._ends[np.flatnonzero(np.diff(group, append=group[-1] + 1))] = np.unique(group) + 1

    def draw(self, group: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """Return an entry of each group (n,), int64 (n,)."""
        spot = group + _BELOW_ONE * rng.random(len(group))
        return np.searchsorted(self._ends, spot, side="right").astype(np.int64)
