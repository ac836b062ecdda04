"""Outbreaks: series with more than expected in a day or in three, false discoveries held down.

An alarm of a topic in a district and one of the topic in the whole city tell of the same thing:
where one part makes up half of what is too much, the part is told, else the whole with its parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.alarms.discovery import adjusted
from triage.alarms.findings import AlarmKind, Finding, Method
from triage.alarms.key import Level
from triage.alarms.looking import Looked
from triage.alarms.rules import OutbreakRules
from triage.alarms.tails import Floats, upper_tail
from triage.alarms.thresholds import told_high

EXPLAINS: Final = 0.5
"""Share of a whole's excess from which one part of it explains it."""
_UPWARDS: Final = (Level.TOPIC, Level.L1_AREA, Level.L1, Level.AREA, Level.CITY)


def raised(looked: Looked, rules: OutbreakRules) -> list[Finding]:
    """Return everything raised on the last day, wholes and parts alike; see `folded`."""
    longest = max(rules.windows)
    places = looked.demand[looked.counts[looked.demand, -longest:].sum(axis=1) >= rules.least]
    if not places.size:
        return []
    chance, window, is_drift = _chances(looked, places, rules)
    weighed = np.minimum(chance / looked.weight[places], 1.0)
    rate = adjusted(weighed, tests=looked.tests)
    passed = np.flatnonzero(rate <= rules.rate)
    cut = float(weighed[passed].max(initial=rules.rate / looked.tests))
    found = []
    for at in passed:
        place = int(places[at])
        one = looked.finding(AlarmKind.OUTBREAK, place, int(window[at]))
        method = Method.CUSUM if is_drift[at] else one.method
        one = replace(one, chance=float(chance[at]), rate=float(rate[at]), method=method)
        if one.count >= rules.least and one.excess >= rules.excess and one.times >= rules.times:
            limit = cut * float(looked.weight[place]) / (len(rules.windows) + 1)
            least = max(rules.least, rules.times * one.expected, rules.excess + one.expected)
            found.append(told_high(looked, place, one, chance=limit, least=least))
    return found


def folded(found: Sequence[Finding]) -> list[Finding]:
    """Return the findings without those that others explain; see the module."""
    live = {one.key: one for one in found}
    for level in _UPWARDS:
        for whole in [one for one in found if one.key.level is level]:
            parts = [one for one in found if whole.key in one.key.above()]
            if not parts:
                continue
            if max(one.excess for one in parts) >= EXPLAINS * whole.excess:
                del live[whole.key]
                continue
            taken = [one for part in parts if (one := live.pop(part.key, None)) is not None]
            codes = (code for one in taken for code in (one.key.code, *one.parts))
            live[whole.key] = replace(whole, parts=tuple(sorted(codes)))
    return sorted(live.values(), key=lambda one: (one.chance, one.key))


def _chances(
    looked: Looked, places: NDArray[np.int64], rules: OutbreakRules
) -> tuple[Floats, NDArray[np.int64], NDArray[np.bool_]]:
    """Return of each place the chance, corrected for the looks taken, and by which look it came."""
    counts, mean = looked.counts[places], looked.expected.mean[places]
    dispersion = looked.expected.dispersion[places]
    looks = [
        _tail(counts[:, -days:].sum(axis=1), mean[:, -days:].sum(axis=1), dispersion, rules)
        for days in rules.windows
    ]
    table = np.stack([*looks, looked.expected.drift[places]])
    best = table.argmin(axis=0)
    window = np.array([*rules.windows, max(rules.windows)])[best]
    chance = np.minimum(table.min(axis=0) * len(table), 1.0)
    return chance, window, best == len(rules.windows)


def _tail(count: Floats, mean: Floats, dispersion: Floats, rules: OutbreakRules) -> Floats:
    """Return the chances; 1 where too little is too much to be raised, whatever its chance."""
    mean = np.maximum(mean, 1e-3)
    is_fit = (count >= rules.times * mean) & (count - mean >= rules.excess)
    result = np.ones(len(count))
    result[is_fit] = upper_tail(count[is_fit], mean[is_fit], dispersion[is_fit])
    return result
