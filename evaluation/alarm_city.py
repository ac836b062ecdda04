"""All that is measured on one background city: what is missed and what false, by mean and level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from evaluation.alarm_injections import Found, Injection, Judging
from evaluation.alarm_measure import (
    Plan,
    false_alarms,
    figures,
    sensitivity,
    silence_sensitivity,
    summary,
)
from evaluation.metrics import wilson
from evaluation.rounding import rounded
from triage.alarms.key import Level
from triage.request import Json

LARGE = 15.0
"""Requests a day from which the aim holds: a ×3 burst of 2 days found within one period."""


def measure_city(judging: Judging, plan: Plan, seed: int) -> dict[str, Json]:
    """Return the figures of a city; `seed` is that of what is injected."""
    found = sensitivity(judging, plan, seed)
    standard = [one for one in found if _is_standard(one)]
    large = [one for one in found if one.injection.mean >= LARGE]
    both = [one for one in standard if one.injection.mean >= LARGE]
    quiet = silence_sensitivity(judging, plan, seed)
    levels = sorted({level for level, _ in quiet})
    return {
        "background": judging.background.name,
        "false_alarms": false_alarms(judging),
        "mean_15_times_3_days_2": figures(both) if both else None,
        "by_mean_times_3_days_2": by_mean(standard, plan.numbers("outbreak", "means")),
        "mean_15_by_times_days_shape": _listed(large, lambda one: (one.times, one.days, one.shape)),
        "silence_by_remaining_days": _listed(
            [one for _, one in quiet], lambda one: (one.times, one.days)
        ),
        "silence_by_level": [
            {"of": level.value, **figures([one for at, one in quiet if at is level])}
            for level in levels
        ],
        "silence_topic_area_by_mean_remaining_0": by_mean(
            [one for at, one in quiet if at is Level.TOPIC_AREA and one.injection.times == 0.0],
            [20.0, 30.0],
        ),
    }


def _listed(found: Sequence[Found], by: Callable[[Injection], object]) -> list[Json]:
    return list(summary(found, by))


def _is_standard(one: Found) -> bool:
    injection = one.injection
    return (injection.times, injection.days, injection.shape) == (3.0, 2, "flat")


def by_mean(found: Sequence[Found], edges: Sequence[float]) -> list[Json]:
    """Return figures by bands of the mean of the four weeks before, and the interval of each."""
    rows: list[Json] = []
    for low, high in pairwise([0.0, *edges, float("inf")]):
        of = [one for one in found if low <= one.injection.mean < high]
        if of:
            said = figures(of)
            ends = wilson(float(str(said["found_within_1"])), len(of))
            name = f"{low:g}–{high:g}" if high < float("inf") else f"≥ {low:g}"
            mean = rounded(sum(one.injection.mean for one in of) / len(of))
            rows.append({"of": name, "mean": mean, **said, "within_1_interval": list(ends)})
    return rows
