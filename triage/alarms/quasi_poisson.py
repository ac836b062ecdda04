"""Quasi-Poisson regression of many series on the same columns at once, past outbreaks weighed down.

The improved Farrington algorithm: A. Noufaily et al., An improved algorithm for outbreak detection
in multiple surveillance systems, Stat. Med. 32 (2013) 1206; weights §3.4. Iterated weighted least
squares for all series together; NumPy only. Which days are fitted on is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from triage.alarms.tails import Floats

OUTLYING: Final = 2.58
"""Anscombe residual from which a day is like a past outbreak: 0.5 % of ordinary days."""
_ROUNDS, _AGAIN = 12, 6
_RIDGE: Final = 0.5
"""Weight of a coefficient's being 0, in requests: a sparse series keeps to its mean."""
_LEAST_MEAN: Final = 1e-4
_NEAR: Final = 1e-3
"""A step of every coefficient below a thousandth changes no expectation by more than that."""
_FURTHEST: Final = 12.0
"""Log of a mean is kept within ± this: e^12 = 160,000 requests a day."""


@dataclass(frozen=True, slots=True)
class Fit:
    """`beta` (n, p) and `dispersion` (n,), 1 or more."""

    beta: Floats
    dispersion: Floats

    def mean(self, columns: Floats) -> Floats:
        """Return expected counts (n, T) of days with columns (T, p)."""
        result: Floats = np.exp(np.clip(self.beta @ columns.T, -_FURTHEST, _FURTHEST))
        return result


def fit(counts: Floats, columns: Floats) -> Fit:
    """Fit each series; days like a past outbreak weigh less in the second round.

    Parameters
    ----------
    counts : (n, T), whole numbers ≥ 0
    columns : (T, p), the first of ones; T > p
    """
    days, p = columns.shape
    if days <= p:
        raise ValueError(f"{days} days are too few for {p} columns")
    squares = _squares(columns)
    weights = np.ones_like(counts)
    beta = np.zeros((len(counts), p))
    beta[:, 0] = np.log(np.maximum(counts.mean(axis=1), _LEAST_MEAN))
    beta = _solve(counts, columns, squares, weights, beta, _ROUNDS)
    mean = _mean(beta, columns)
    dispersion = _dispersion(counts, mean, weights, p)
    weights = _weights(counts, mean, dispersion)
    beta = _solve(counts, columns, squares, weights, beta, _AGAIN)
    return Fit(beta, _dispersion(counts, _mean(beta, columns), weights, p))


def _mean(beta: Floats, columns: Floats) -> Floats:
    result: Floats = np.exp(np.clip(beta @ columns.T, -_FURTHEST, _FURTHEST))
    return result


def _solve(
    counts: Floats, columns: Floats, squares: Floats, weights: Floats, beta: Floats, rounds: int
) -> Floats:
    p = beta.shape[1]
    ridge = np.diag([1e-6] + [_RIDGE] * (p - 1))
    for _ in range(rounds):
        mean = _mean(beta, columns)
        score = (weights * (counts - mean)) @ columns - beta @ ridge
        information = _whole((weights * mean) @ squares, p) + ridge
        step = np.linalg.solve(information, score[:, :, None])[:, :, 0]
        beta = beta + np.clip(step, -2.0, 2.0)
        if np.abs(step).max(initial=0.0) < _NEAR:
            break
    return beta


def _squares(columns: Floats) -> Floats:
    """Return the products of each pair of columns, (T, p (p + 1) / 2): the matrix is symmetric."""
    one, other = np.triu_indices(columns.shape[1])
    result: Floats = columns[:, one] * columns[:, other]
    return result


def _whole(halves: Floats, p: int) -> Floats:
    """Return symmetric matrices (n, p, p) of their upper halves."""
    one, other = np.triu_indices(p)
    result = np.empty((len(halves), p, p))
    result[:, one, other] = result[:, other, one] = halves
    return result


def _dispersion(counts: Floats, mean: Floats, weights: Floats, p: int) -> Floats:
    """Return Pearson's statistic over its degrees of freedom, at least 1."""
    pearson = (weights * (counts - mean) ** 2 / np.maximum(mean, _LEAST_MEAN)).sum(axis=1)
    free = np.maximum(weights.sum(axis=1) - p, 1.0)
    return np.asarray(np.maximum(pearson / free, 1.0))


def _weights(counts: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Return 1 for ordinary days and s⁻² beyond `OUTLYING`, scaled so that they add up to T."""
    mean = np.maximum(mean, _LEAST_MEAN)
    residual = 1.5 * (counts ** (2 / 3) - mean ** (2 / 3)) / mean ** (1 / 6)
    residual /= np.sqrt(dispersion)[:, None]
    weights = np.where(residual > OUTLYING, np.maximum(residual, 1e-9) ** -2.0, 1.0)
    result: Floats = weights * (counts.shape[1] / weights.sum(axis=1, keepdims=True))
    return result
