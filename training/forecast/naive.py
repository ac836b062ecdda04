"""Seasonal naive on a whole panel at once: the last season again. The measure of all else.

Its quantiles come from its own past errors by the same method as those of the choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.forecast.spread import at_level, spread_of
from triage.trends.panel import Floats, Panel


@dataclass(frozen=True, slots=True)
class Naive:
    """Seasonal naive of a panel; `season` steps are one turn."""

    panel: Panel
    season: int

    def ahead(self, origin: int, horizon: int) -> Floats:
        """Return the forecast (n, h) of what follows the first `origin` steps."""
        last = self.panel.counts[:, max(0, origin - self.season) : origin]
        turns = -(-horizon // last.shape[1])
        found: Floats = np.tile(last, (1, turns))[:, :horizon]
        return found

    def quantiles(
        self, origin: int, horizon: int, past: Sequence[int], levels: Sequence[float]
    ) -> dict[float, NDArray[np.float64]]:
        """Return quantiles (n, h) from the errors that were made at the `past` origins."""
        mean = self.ahead(origin, horizon)
        counts = self.panel.counts
        truth = np.stack([counts[:, one : one + horizon] for one in past], axis=1)
        said = np.stack([self.ahead(one, horizon) for one in past], axis=1)
        grids = np.array([spread_of(t, m) for t, m in zip(truth, said, strict=True)])
        return {level: at_level(mean, grids, level) for level in levels}

    def scales(self, upto: int) -> NDArray[np.float64]:
        """Return each series' mean absolute error of this forecast before `upto`, shape (n,)."""
        known = self.panel.counts[:, :upto]
        found: NDArray[np.float64] = np.abs(
            known[:, self.season :] - known[:, : -self.season]
        ).mean(axis=1)
        return found
