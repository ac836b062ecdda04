"""Measure alarms: false ones on a background, found ones among injections, by mean, size and shape.

Thresholds are chosen on other seeds than those reported (`alarm_choosing`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, product

import numpy as np

from evaluation.alarm_background import Background, simulated
from evaluation.alarm_injections import (
    Found,
    Injection,
    Judging,
    find,
    outbreaks,
    rows_between,
    silences,
)
from evaluation.rounding import rounded
from triage.alarms.findings import AlarmKind
from triage.alarms.key import Level
from triage.request import Json

MONTH_DAYS = 30.4
REPEAT_DAYS = 7
"""A series out of line again within so many days is the same alarm: it is live, or cools down."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure; see `data/alarm_injections.toml`."""

    table: Mapping[str, Mapping[str, object]]

    def city(self, seed: int) -> Background:
        """Return the city of a seed."""
        city = self.table["city"]
        return simulated(
            seed,
            per_day=float(str(city["per_day"])),
            start=date.fromisoformat(str(city["start"])),
            history_days=int(str(city["history_days"])),
            test_days=int(str(city["test_days"])),
        )

    def numbers(self, section: str, name: str) -> list[float]:
        """Return a list of numbers of the plan."""
        found = self.table[section][name]
        assert isinstance(found, list)
        return [float(one) for one in found]

    def windows(self) -> list[tuple[int, ...]]:
        """Return the sets of windows, in days, of the grid."""
        found = self.table["grid"]["windows"]
        assert isinstance(found, list)
        return [tuple(int(day) for day in one) for one in found]

    def number(self, section: str, name: str) -> int:
        """Return a whole number of the plan."""
        return int(str(self.table[section][name]))


def false_alarms(judging: Judging) -> dict[str, Json]:
    """Return how many alarms a background without outbreaks raises, per district and month."""
    background = judging.background
    last: dict[tuple[AlarmKind, str], int] = {}
    opened: dict[str, int] = {}
    for column in range(background.first_test, len(background.series.days)):
        for one in judging.day(column):
            key = (one.kind, one.key.code)
            if column - last.get(key, -REPEAT_DAYS - 1) > REPEAT_DAYS:
                place = "district" if one.key.area else "city"
                name = f"{one.kind.value}_{place}"
                opened[name] = opened.get(name, 0) + 1
            last[key] = column
    months = (len(background.series.days) - background.first_test) / MONTH_DAYS
    areas = max(background.areas, 1)
    result: dict[str, Json] = {
        "months": rounded(months),
        "districts": areas,
        "opened": dict(opened),
    }
    for kind in (AlarmKind.OUTBREAK, AlarmKind.SILENCE):
        districts = opened.get(f"{kind.value}_district", 0)
        city = opened.get(f"{kind.value}_city", 0)
        result[f"{kind.value}_per_district_month"] = rounded(districts / areas / months)
        result[f"{kind.value}_city_per_month"] = rounded(city / months)
    return result


def sensitivity(judging: Judging, plan: Plan, seed: int) -> list[Found]:
    """Return what became of outbreaks of all sizes in series of all means."""
    rng = np.random.default_rng([seed, 1])
    background, found = judging.background, list[Found]()
    edges, each = plan.numbers("outbreak", "means"), plan.number("outbreak", "each")
    shapes = plan.table["outbreak"]["shapes"]
    assert isinstance(shapes, list)
    kinds = list(
        product(plan.numbers("outbreak", "times"), plan.numbers("outbreak", "days"), ["flat"])
    )
    kinds += [(3.0, 4.0, str(one)) for one in shapes if one != "flat"]
    for low, high in pairwise(edges):
        rows = rows_between(background, Level.TOPIC_AREA, low, high)
        for times, days, shape in kinds if rows.size else ():
            n = each if (times, days, shape) == (3.0, 2.0, "flat") else max(1, each // 6)
            chosen = rng.choice(rows, size=n).tolist()
            made = outbreaks(background, chosen, rng, times=times, days=int(days), shape=str(shape))
            found += [find(judging, one, AlarmKind.OUTBREAK) for one in made]
    return found


def silence_sensitivity(judging: Judging, plan: Plan, seed: int) -> list[tuple[Level, Found]]:
    """Return what became of silences of large topics, districts and channels."""
    rng = np.random.default_rng([seed, 2])
    background, found = judging.background, list[tuple[Level, Found]]()
    each = plan.number("silence", "each")
    for level in (Level.TOPIC_AREA, Level.AREA, Level.CHANNEL):
        rows = rows_between(background, level, 15.0, np.inf)
        for remaining, days in product(
            plan.numbers("silence", "remaining"), plan.numbers("silence", "days")
        ):
            if rows.size:
                chosen = rng.choice(rows, size=max(1, each // 3)).tolist()
                made = silences(background, chosen, rng, remaining=remaining, days=int(days))
                found += [(level, find(judging, one, AlarmKind.SILENCE)) for one in made]
    return found


def summary(found: Sequence[Found], by: Callable[[Injection], object]) -> list[dict[str, Json]]:
    """Return sensitivity and delay of groups of injections, in the order of the groups."""
    groups: dict[object, list[Found]] = {}
    for one in found:
        groups.setdefault(by(one.injection), []).append(one)
    return [{"of": _json(key), **figures(groups[key])} for key in sorted(groups, key=str)]


def figures(found: Sequence[Found]) -> dict[str, Json]:
    """Return how many were found, at once and within one period, and one level up."""
    n = len(found)
    delays = [one.delay for one in found if one.delay is not None]
    either = [one.delay is not None or one.above is not None for one in found]
    return {
        "n": n,
        "found": rounded(len(delays) / n),
        "found_same_day": rounded(sum(one == 0 for one in delays) / n),
        "found_within_1": rounded(sum(one <= 1 for one in delays) / n),
        "mean_delay_days": rounded(float(np.mean(delays))) if delays else None,
        "one_level_up": rounded(sum(one.above is not None for one in found) / n),
        "found_or_one_level_up": rounded(sum(either) / n),
    }


def _json(key: object) -> Json:
    return list(key) if isinstance(key, tuple) else str(key)
