"""What a record says of units: how long their orders took, and how many they had at once.

Orders still open are part of it: leaving them out would say that whatever takes long never
happens. Times are drawn from the Kaplan–Meier estimate, which counts an open order as one that
took longer than it is old.

References
----------
Kaplan and Meier (1958), Nonparametric estimation from incomplete observations, JASA 53; Efron
(1967) for the tail: the longest time on record counts as an end.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.errors import InvalidRequest
from triage.whatif.cases import Case

OTHERS = "*"
"""Whose times stand in for a unit with fewer than `_FEW` answered orders on record."""
_TERMS = (3 * 24.0, 6 * 24.0, 12 * 24.0, 18 * 24.0)
"""Hours that part clocks: consultations, calls for help, complaints, what may take longer. What has
a short clock is a simple matter: drawn without it, four times as many orders would be late."""
_ANY = -1
_FEW = 5
_MARGIN = 2.0
"""Standard deviations (of a Poisson count) above the most that a unit had at once: one period's
busiest moment is not the most that it can do."""
UNLIMITED = 1_000_000
"""Orders at once of a unit that is not on record: nobody knows it to be short of hands."""


Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Times:
    """A distribution of hours: sorted values (n,) and the chance of at most each, the last 1."""

    values: Floats
    up_to: Floats

    def draw(self, rng: np.random.Generator) -> float:
        """Return hours drawn from it."""
        return float(self.values[np.searchsorted(self.up_to, rng.random(), side="right")])

    @property
    def median(self) -> float:
        """Return the median."""
        return float(self.values[np.searchsorted(self.up_to, 0.5)])


@dataclass(frozen=True, slots=True)
class Record:
    """Hours by unit and term, and how many orders units had at once."""

    took: Mapping[tuple[str, int], Times]
    desks: Mapping[str, int]

    def times(self, unit: str, due: float) -> Times:
        """Return the times to draw from: of the unit's orders with a clock like this one's.

        Where those are few, of all units' with such a clock; else of all orders.
        """
        term = _term(due)
        own = self.took.get((unit, term)) or self.took.get((OTHERS, term))
        return own or self.took[OTHERS, _ANY]


@dataclass(frozen=True, slots=True)
class Pools:
    """What is on record, as it stands: hours (n,) and whether they have ended, by unit and term."""

    hours: Mapping[tuple[str, int], tuple[Floats, Bools]]
    desks: Mapping[str, int]

    def record(self, rng: np.random.Generator | None = None) -> Record:
        """Return the record; with `rng` of orders drawn anew from it (bootstrap).

        What a month says of a unit is itself uncertain: an interval has to say so.
        """
        return Record({key: _times(*one, rng) for key, one in self.hours.items()}, self.desks)


def pools_of(cases: Sequence[Case], known: float) -> Pools:
    """Return what is on record up to an hour.

    Raises
    ------
    InvalidRequest
        whatif_empty: not one order was answered, nothing can be drawn from.
    """
    pairs: dict[tuple[str, int], list[tuple[float, bool]]] = defaultdict(list)
    steps: dict[str, list[tuple[float, int]]] = defaultdict(list)
    last = known_at(cases, known)
    for case in cases:
        if not case.is_order:
            continue
        lasted = max(last - case.at, 0.0) if case.took is None else case.took
        for key in ((case.unit, _term(case.due)), (OTHERS, _term(case.due)), (OTHERS, _ANY)):
            pairs[key].append((lasted, case.took is not None))
        steps[case.unit].append((case.at, 1))
        if case.took is not None:
            steps[case.unit].append((case.at + case.took, -1))
    every = (OTHERS, _ANY)
    found = {key: _arrays(of) for key, of in pairs.items()}
    if every not in found or not found[every][1].any():
        raise InvalidRequest(
            "whatif_empty",
            "作为依据的这些天没有一件办结的工单，无从推演；请换一段时间，或加长 --history",
            field="history",
        )
    enough = {key: of for key, of in found.items() if of[1].sum() >= _FEW or key == every}
    return Pools(enough, {unit: _most_at_once(one) for unit, one in steps.items()})


def known_at(cases: Sequence[Case], known: float) -> float:
    """Return the hour up to which open orders are known to be open: the same as for answers.

    An earlier one, such as the end of the period, would leave out only what took long. Of a
    simulated city all is known; there it is the last hour in which something happened.
    """
    if math.isfinite(known):
        return known
    return max((case.at + (case.took or 1.0) for case in cases), default=0.0)


def times_of(pairs: Sequence[tuple[float, bool]]) -> Times:
    """Return the Kaplan–Meier distribution of (hours, has ended); there is one pair at least."""
    return _times(*_arrays(pairs), None)


def _times(hours: Floats, ended: Bools, rng: np.random.Generator | None) -> Times:
    if rng is not None:
        drawn = rng.integers(len(hours), size=len(hours))
        hours, ended = hours[drawn], ended[drawn]
    values, deaths = np.unique(hours[ended], return_counts=True)
    at_risk = len(hours) - np.searchsorted(np.sort(hours), values, side="left")
    up_to = (1.0 - np.cumprod(1.0 - deaths / at_risk)).astype(np.float64)
    if not len(values) or up_to[-1] < 1.0:
        values, up_to = np.append(values, hours.max()), np.append(up_to, 1.0)
    return Times(values, up_to)


def _arrays(pairs: Sequence[tuple[float, bool]]) -> tuple[Floats, Bools]:
    return np.array([one for one, _ in pairs]), np.array([two for _, two in pairs], dtype=bool)


def _term(due: float) -> int:
    return sum(due > edge for edge in _TERMS)


def _most_at_once(steps: Sequence[tuple[float, int]]) -> int:
    most = now = 0
    for _, step in sorted(steps):
        now += step
        most = max(most, now)
    return math.ceil(most + _MARGIN * math.sqrt(most)) or 1
