"""Error against number of labels: an inverse power law with a floor.

error(n) = floor + scale · n^-exponent (Hestness et al. 2017, "Deep learning scaling is predictable,
empirically", section 2; Viering and Loog 2023, "The shape of learning curves", section 3). Seven
sizes hold three parameters loosely: what lies far beyond the data is a guess.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_EXPONENTS = np.arange(0.05, 1.501, 0.01)
"""Those of language tasks lie between 0.05 and 0.5; above 1.5 the curve is a cliff."""


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """floor in [0, 1), scale >= 0, exponent in [0.05, 1.5]."""

    floor: float
    scale: float
    exponent: float

    def error(self, n: float | NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the error after n labels, same shape as n."""
        found: NDArray[np.float64] = self.floor + self.scale * np.power(n, -self.exponent)
        return found


def fit_power_law(sizes: NDArray[np.int64], errors: NDArray[np.float64]) -> PowerLaw:
    """Return the law with the least squared error.

    For each exponent of a grid the best floor and scale are a least-squares line, with the floor
    put to 0 where the line would go below.

    Parameters
    ----------
    sizes, errors : (P,), at least two different sizes; errors in [0, 1]
    """
    x = np.power(sizes[:, None].astype(np.float64), -_EXPONENTS)  # (P, exponents)
    centred = x - x.mean(axis=0)
    scale = np.maximum(0.0, centred.T @ errors / np.square(centred).sum(axis=0))
    floor = errors.mean() - scale * x.mean(axis=0)
    through_zero = np.maximum(0.0, x.T @ errors / np.square(x).sum(axis=0))
    scale, floor = np.where(floor < 0, through_zero, scale), np.maximum(floor, 0.0)
    loss = np.square(floor + scale * x - errors[:, None]).sum(axis=0)
    best = int(loss.argmin())
    return PowerLaw(float(floor[best]), float(scale[best]), float(_EXPONENTS[best]))
