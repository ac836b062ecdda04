"""Figures with their doubt: intervals, shrinkage of small samples, comparison at equal case mix.

Pure numbers; what is counted is `scorecards`' business. All intervals are of 95 %.

References
----------
Wilson (1927), JASA 22: the interval of a share.
Ridout, Demétrio & Firth (1999), Biometrics 55: the analysis-of-variance estimator of rho.
Kleinman (1973), JASA 68: beta-binomial shrinkage. Keiding & Clayton (2014), Statistical Science 29:
indirect standardisation and its limits. David & Nagaraja (2003), Order Statistics, 7.1: quantiles.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Z = 1.959964
WEAKEST, STRONGEST = 2.0, 1000.0
"""Bounds of the prior, in orders: below, a moment estimate from few groups shrinks nothing; above,
the groups cannot be told apart and more would change no digit that is shown."""
DEFAULT_STRENGTH = 20.0
"""With fewer than `FEWEST_GROUPS` groups nothing is estimated: what `reject_rates` leans by."""
FEWEST_GROUPS = 5
_REPLICATES = 400


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its interval."""

    value: float
    low: float
    high: float


def wilson(hits: int, n: int) -> Estimate:
    """Return a share with its interval; ValueError for n = 0."""
    if n < 1:
        raise ValueError("a share of nothing")
    share = hits / n
    centre = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    # At 0 and at n the limit is exact: rounding must not leave the share outside its interval.
    return Estimate(share, max(min(centre - half, share), 0.0), min(max(centre + half, share), 1.0))


def prior_strength(groups: Sequence[tuple[int, int]]) -> float:
    """Return for how many orders the common mean counts, from (hits, n) of groups.

    1/rho - 1 of the beta-binomial, rho by analysis of variance, within WEAKEST and STRONGEST.
    """
    counted = [(hits, n) for hits, n in groups if n]
    total = sum(n for _, n in counted)
    if len(counted) < FEWEST_GROUPS or total == len(counted):
        return DEFAULT_STRENGTH
    mean, free = sum(hits for hits, _ in counted) / total, len(counted) - 1
    between = sum(n * (hits / n - mean) ** 2 for hits, n in counted) / free
    within = sum(hits * (1 - hits / n) for hits, n in counted) / (total - len(counted))
    size = (total - sum(n * n for _, n in counted) / total) / free
    spread = between + (size - 1) * within
    rho = (between - within) / spread if spread > 0 else 0.0
    return min(max(1 / rho - 1, WEAKEST), STRONGEST) if rho > 0 else STRONGEST


def shrunken(hits: int, n: int, *, mean: float, strength: float) -> float:
    """Return the posterior mean of a share under a beta prior of that mean and strength."""
    return (hits + strength * mean) / (n + strength)


def standardised(hits: int, n: int, *, expected: float, overall: float) -> Estimate:
    """Return observed / expected x overall with Wilson's limits scaled alike, at most 1.

    `expected` hits are those that everybody's rates give for the group's own mix; where none were
    to be expected there is nothing to compare with, and the value is the overall one.
    """
    if expected <= 0:
        return Estimate(overall, 0.0, 1.0)
    scale = n / expected * overall
    share = wilson(hits, n)
    return Estimate(*(min(one * scale, 1.0) for one in (share.value, share.low, share.high)))


def quantile(counts: Mapping[float, int], q: float) -> Estimate:
    """Return a quantile of counted values; its limits are order statistics.

    Raises
    ------
    ValueError
        Nothing is counted.
    """
    n = sum(counts.values())
    if not n:
        raise ValueError("a quantile of nothing")
    half = Z * math.sqrt(n * q * (1 - q))
    ranks = (math.ceil(n * q), math.floor(n * q - half), math.ceil(n * q + half) + 1)
    values = sorted(counts)
    ends = np.cumsum([counts[value] for value in values])
    found = [values[int(np.searchsorted(ends, min(max(rank, 1), n)))] for rank in ranks]
    return Estimate(*found)


def mean(counts: Mapping[float, int], *, seed: int = 0) -> Estimate:
    """Return the mean of counted values with its percentile bootstrap; ValueError for none."""
    n = sum(counts.values())
    if not n:
        raise ValueError("a mean of nothing")
    values = np.array(sorted(counts))
    shares = np.array([counts[value] for value in values.tolist()]) / n
    drawn = np.random.default_rng(seed).multinomial(n, shares, size=_REPLICATES) @ values / n
    low, high = np.quantile(drawn, (0.025, 0.975))
    value = float(shares @ values)
    return Estimate(value, min(float(low), value), max(float(high), value))
