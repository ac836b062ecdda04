"""Silence: a district, a channel, a unit or a large topic from which far less comes than expected.

Only where enough was expected: of a topic with one request a week a quiet week says nothing. The
expectation is that of outbreaks, so holidays and Sundays are no silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from triage.alarms.discovery import adjusted
from triage.alarms.findings import AlarmKind, Finding, Method
from triage.alarms.looking import Looked
from triage.alarms.rules import SilenceRules
from triage.alarms.tails import Floats, lower_tail
from triage.alarms.thresholds import told_low

_BY_YEARS = Method.FARRINGTON


def silent(looked: Looked, rules: SilenceRules) -> list[Finding]:
    """Return every series that is silent on the last day; see `outermost`."""
    if not looked.rows.size:
        return []
    chance, window, judged = _chances(looked, rules)
    tests = max(judged, len(chance))
    rate = adjusted(chance, tests=tests)
    passed = np.flatnonzero(rate <= rules.rate)
    limit = float(chance[passed].max(initial=rules.rate / tests)) / len(rules.windows)
    found = []
    for at in map(int, passed):
        one = looked.finding(AlarmKind.SILENCE, at, int(window[at]))
        one = replace(one, chance=float(chance[at]), rate=float(rate[at]))
        most = rules.share * one.expected
        found.append(told_low(looked, at, one, chance=limit, most=most))
    return found


def outermost(found: Sequence[Finding]) -> list[Finding]:
    """Leave out what lies within another: a district's topics when the district is silent."""
    keys = {one.key for one in found}
    kept = (one for one in found if keys.isdisjoint(one.key.above()))
    return sorted(kept, key=lambda one: (one.chance, one.key))


def _chances(looked: Looked, rules: SilenceRules) -> tuple[Floats, NDArray[np.int64], int]:
    """Return the chances, corrected for the windows looked at, best windows, how many judged."""
    expected, looks, judged = looked.expected, [], np.zeros(len(looked.rows), bool)
    is_known = np.array([not looked.is_holiday or one is _BY_YEARS for one in expected.method])
    for days in rules.windows:
        count = looked.counts[:, -days:].sum(axis=1)
        mean = expected.mean[:, -days:].sum(axis=1)
        is_large = (mean >= rules.expected) & is_known
        judged |= is_large
        is_fit = is_large & (count <= rules.share * mean)
        tail = np.ones(len(count))
        tail[is_fit] = lower_tail(count[is_fit], mean[is_fit], expected.dispersion[is_fit])
        looks.append(tail)
    table = np.stack(looks)
    window = np.array(rules.windows)[table.argmin(axis=0)]
    return np.minimum(table.min(axis=0) * len(looks), 1.0), window, int(judged.sum())
