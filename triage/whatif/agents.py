"""How many agents the calls of a period take, by hour: what is assumed where no table is given."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from triage.whatif.cases import Case, Period

_OCCUPANCY = 0.85

ByHour = tuple[float, ...]


def agents_needed(
    cases: Sequence[Case], period: Period, call_minutes: float
) -> tuple[ByHour, ByHour]:
    """Return the agents that the mean of the calls takes: on working days, on days of rest.

    (24,) each, one at least; a kind of day that the period has not is like the other.
    """
    calls, days = np.zeros((2, 24)), np.zeros(2)
    for day in range(math.ceil(period.hours / 24)):
        days[int(day in period.rest_days)] += 1
    for case in cases:
        if 0 <= case.at < period.hours:
            calls[int(period.is_rest(case.at)), int(case.at) % 24] += case.by_phone
    found = [
        tuple(np.maximum(np.ceil(of / n * call_minutes / 60 / _OCCUPANCY), 1.0).tolist())
        for of, n in zip(calls, days, strict=True)
        if n
    ]
    return found[0], found[-1]
