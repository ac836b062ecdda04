"""From how many on (or down to how many) a series would have been raised, and by how much it was.

What is written beside an alarm as evidence; what raised it is its chance. Exceedance after Noufaily
et al. 2013 §2: excess over the excess of the threshold, 1 at the threshold itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from triage.alarms.findings import Finding, Method
from triage.alarms.looking import Looked
from triage.alarms.short_history import ears
from triage.alarms.tails import Floats, lower_tail, upper_tail

_MOST: Final = 1_000_000
_AT_ONCE: Final = 34
Ints: TypeAlias = NDArray[np.int64]


def told_high(
    looked: Looked, place: int, found: Finding, *, chance: float, least: float
) -> Finding:
    """Return an outbreak with its threshold and statistics.

    Parameters
    ----------
    chance : the largest at which the window of the finding would have been raised
    least : what the window must hold at least, whatever its chance
    """
    if found.method is Method.CUSUM:
        return replace(found, statistics=_statistics(looked, place))
    low, high = 0, int(found.expected) + 1
    while upper_tail(*_laws(np.array([high]), found))[0] > chance and high < _MOST:
        low, high = high, high * 2
    found_at = _first(low, high, lambda n: upper_tail(*_laws(n, found)) <= chance)
    return _with(looked, place, found, float(max(found_at, math.ceil(least))))


def told_low(looked: Looked, place: int, found: Finding, *, chance: float, most: float) -> Finding:
    """Return a silence with its threshold: at most so many would have been raised."""
    high = math.floor(most) + 1
    above = _first(0, high, lambda n: lower_tail(*_laws(n, found)) > chance)
    return _with(looked, place, found, float(above - 1))


def _first(low: int, high: int, holds: Callable[[Ints], NDArray[np.bool_]]) -> int:
    """Return the least number in (low, high] for which something holds; at `high` at the latest.

    Some are tried at once: the tail of thousands of requests is a sum of thousands of terms.
    """
    while high - low > 1:
        tried = np.unique(np.linspace(low, high, _AT_ONCE).astype(np.int64))[1:-1]
        at = np.append(holds(tried), True).argmax()
        edges = [low, *tried.tolist(), high]
        low, high = edges[at], edges[at + 1]
    return high


def _with(looked: Looked, place: int, found: Finding, threshold: float) -> Finding:
    room = threshold - found.expected
    exceedance = found.excess / room if room else math.inf
    said = (("exceedance", round(exceedance, 3)), *_statistics(looked, place))
    return replace(found, threshold=threshold, statistics=said)


def _statistics(looked: Looked, place: int) -> tuple[tuple[str, float], ...]:
    """Return C1 to C3 and the CUSUM of a series without years, in standard deviations."""
    if looked.expected.method[place] is Method.FARRINGTON:
        return ()
    said = {name: float(one[0]) for name, one in ears(looked.counts[[place]]).items()}
    said["CUSUM"] = float(looked.expected.cusum[place])
    return tuple((name, round(value, 2)) for name, value in said.items())


def _laws(counts: Ints, found: Finding) -> tuple[Floats, Floats, Floats]:
    mean = np.full(len(counts), max(found.expected, 1e-3))
    return counts.astype(np.float64), mean, np.full(len(counts), found.dispersion)
