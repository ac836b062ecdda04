"""Tails of the negative binomial with a mean and a dispersion (variance over mean), for arrays.

NumPy only: terms are added up by their ratio from the first one on, so that small probabilities
keep their digits. For a dispersion of 1 it is a Poisson law to within a thousandth of its variance.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

LEAST_DISPERSION: Final = 1.001
"""Below this the size parameter is so large that its log-gamma loses digits."""
_ENOUGH: Final = 1e-12


def upper_tail(count: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Return P(Y ≥ count).

    Parameters
    ----------
    count : whole numbers ≥ 0, of any shape
    mean, dispersion : > 0 and ≥ 1, of the same shape
    """
    y, mu, phi = (np.atleast_1d(np.asarray(one, np.float64)) for one in (count, mean, dispersion))
    result = np.ones(y.shape)
    above = y > mu
    result[above] = _from(y[above], mu[above], phi[above], up=True)
    below = ~above & (y > 0)
    result[below] = 1.0 - _from(y[below] - 1, mu[below], phi[below], up=False)
    return np.asarray(np.clip(result, 0.0, 1.0))


def lower_tail(count: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Return P(Y ≤ count); parameters as in `upper_tail`."""
    y, mu, phi = (np.atleast_1d(np.asarray(one, np.float64)) for one in (count, mean, dispersion))
    result = np.ones(y.shape)
    below = y <= mu
    result[below] = _from(y[below], mu[below], phi[below], up=False)
    above = ~below
    result[above] = 1.0 - _from(y[above] + 1, mu[above], phi[above], up=True)
    return np.clip(result, 0.0, 1.0)


def _from(y: Floats, mu: Floats, phi: Floats, *, up: bool) -> Floats:
    """Return the sum of the masses from y on, away from the mean; all 1-d."""
    phi = np.maximum(phi, LEAST_DISPERSION)
    size = mu / (phi - 1.0)
    odds = (phi - 1.0) / phi
    logs = _log_gamma(y + size) - _log_gamma(y + 1.0) - _log_gamma(size)
    first = np.exp(logs - size * np.log(phi) + y * np.log(odds))
    total, term = np.ones(y.shape), np.ones(y.shape)
    at = y.copy()
    live = np.arange(len(y))
    while live.size:
        k, r = at[live], size[live]
        ratio = odds[live] * (k + r) / (k + 1.0) if up else k / (odds[live] * (k - 1.0 + r))
        term[live] *= ratio
        total[live] += term[live]
        at[live] += 1.0 if up else -1.0
        keep = term[live] > _ENOUGH * total[live]
        live = live[keep]
    result: Floats = first * total
    return result


def _log_gamma(x: Floats) -> Floats:
    return np.array([math.lgamma(one) for one in x.tolist()])
