"""What the districts of a topic share on a day: a cold snap bursts pipes in all of them at once.

Weeks alone know neither season nor weather; the other districts of the same day do. Each district
is therefore expected to move with the others, itself left out and single bursts cut off. What all
share is told by the series that holds them, which moves with nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.alarms.key import SeriesKey
from triage.alarms.tails import Floats

_PSEUDO: Final = 30.0
"""Requests of the others as if nothing were shared: what a rare topic shares cannot be told."""
_OUTLYING: Final = 3.0
"""Standard deviations of a Poisson law from which a district's count is its own burst."""
_OWN: Final = 0.5
_FEWEST: Final = 3
"""Districts that have to be there: of two, one moving says nothing of the other."""


def groups_of(keys: Sequence[SeriesKey]) -> NDArray[np.int64]:
    """Return for each series the number of those it moves with, -1 for one that moves alone."""
    names = [
        (key.level, key.topic or key.l1) if key.area and not key.event else None for key in keys
    ]
    numbers = {name: n for n, name in enumerate(sorted({one for one in names if one}))}
    found = np.array([-1 if name is None else numbers[name] for name in names], np.int64)
    sizes = np.bincount(found + 1, minlength=2)
    return np.where(sizes[found + 1] >= _FEWEST, found, -1)


def shared(counts: Floats, mean: Floats, groups: NDArray[np.int64]) -> Floats:
    """Return by which factor the others of each series lay above their means, (n, T).

    Parameters
    ----------
    counts, mean : (n, T), of whole groups; `groups` (n,)
    """
    result = np.ones(counts.shape)
    of = groups >= 0
    if not of.any():
        return result
    number = groups[of]
    kept = np.minimum(counts[of], mean[of] + _OUTLYING * np.sqrt(mean[of]) + 1.0)
    came, was = _sums(kept, number), _sums(mean[of], number)
    result[of] = (came[number] - kept + _PSEUDO) / (was[number] - mean[of] + _PSEUDO)
    return result


def pooled(dispersion: Floats, requests: Floats, groups: NDArray[np.int64]) -> Floats:
    """Return dispersions (n,) drawn halfway to the mean of their group, by requests counted.

    Some months tell a dispersion to a tenth at best; districts of a topic differ by less.
    """
    result = dispersion.copy()
    of = groups >= 0
    number, weight = groups[of], requests[of] + 1e-9
    n = int(number.max(initial=-1)) + 1
    mean = np.bincount(number, weight * dispersion[of], n) / np.maximum(
        np.bincount(number, weight, n), 1e-9
    )
    result[of] = _OWN * dispersion[of] + (1.0 - _OWN) * mean[number]
    return result


def _sums(rows: Floats, number: NDArray[np.int64]) -> Floats:
    total = np.zeros((int(number.max()) + 1, rows.shape[1]))
    np.add.at(total, number, rows)
    return total
