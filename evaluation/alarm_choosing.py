"""Thresholds tried on seeds that are not reported: what each setting finds, and what it costs.

Nothing is chosen here: a person reads the grid and writes the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from evaluation.alarm_injections import Found, Injection, Judging, find, outbreaks, rows_between
from evaluation.alarm_injections import silences as silences_of
from evaluation.alarm_measure import Plan, false_alarms
from evaluation.rounding import rounded
from triage.alarms.findings import AlarmKind
from triage.alarms.key import Level
from triage.alarms.rules import AlarmRules
from triage.request import Json

_LARGE = 15.0


def choose(cities: Sequence[Judging], plan: Plan, rules: AlarmRules) -> dict[str, Json]:
    """Return for each setting of the grid what it costs and finds, city by city."""
    outbreak: list[Json] = []
    silence: list[Json] = []
    for city in cities:
        bursts, quiet = _bursts(city, plan), _quiet(city, plan)
        for rate, windows in product(plan.numbers("grid", "rate"), plan.windows()):
            wanted = replace(rules.outbreak, rate=rate, windows=windows)
            tried = city.with_rules(replace(rules, outbreak=wanted))
            outbreak.append(
                {
                    "background": city.background.name,
                    "rate": rate,
                    "windows": list(windows),
                    **_said(tried, AlarmKind.OUTBREAK, bursts),
                }
            )
        for rate, share in product(
            plan.numbers("grid", "silence_rate"), plan.numbers("grid", "silence_share")
        ):
            less = replace(rules.silence, rate=rate, share=share)
            tried = city.with_rules(replace(rules, silence=less))
            silence.append(
                {
                    "background": city.background.name,
                    "rate": rate,
                    "share": share,
                    **_said(tried, AlarmKind.SILENCE, quiet),
                }
            )
    return {"outbreak": outbreak, "silence": silence}


def _said(judging: Judging, kind: AlarmKind, made: Sequence[Injection]) -> dict[str, Json]:
    found = [find(judging, one, kind) for one in made]
    false = false_alarms(judging)
    return {
        "false_per_district_month": false[f"{kind.value}_per_district_month"],
        "n": len(found),
        "found_within_1": rounded(sum(_in_time(one) for one in found) / max(len(found), 1)),
    }


def _in_time(found: Found) -> bool:
    return found.delay is not None and found.delay <= 1


def _bursts(judging: Judging, plan: Plan) -> list[Injection]:
    rng, rows = _drawn(judging)
    chosen = rng.choice(rows, size=plan.number("outbreak", "each")).tolist()
    made = outbreaks(judging.background, chosen, rng, times=3.0, days=2, shape="flat")
    return [one for one in made if one.mean >= _LARGE]


def _quiet(judging: Judging, plan: Plan) -> list[Injection]:
    rng, rows = _drawn(judging)
    found: list[Injection] = []
    for remaining in plan.numbers("silence", "remaining"):
        chosen = rng.choice(rows, size=plan.number("silence", "each")).tolist()
        found += silences_of(judging.background, chosen, rng, remaining=remaining, days=2)
    return found


def _drawn(judging: Judging) -> tuple[np.random.Generator, NDArray[np.int64]]:
    rng = np.random.default_rng([7, judging.background.first_test])
    return rng, rows_between(judging.background, Level.TOPIC_AREA, _LARGE, np.inf)
