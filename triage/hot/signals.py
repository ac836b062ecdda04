"""Two signals that the alarms raise later: a storm of calls of one event, and an emerging group.

Both compare a count with what was to be expected, of the group's own history and of the background,
under a Poisson law; thresholds are data (`data/signals.toml`). Nobody is told anything here.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import cast

from triage.errors import UnusableFile
from triage.hot.counters import Counters, hour_of


@dataclass(frozen=True, slots=True)
class StormRules:
    """An hour is a storm with `least` calls or more, `times` as many as expected.

    By chance alone so many come with a probability of `chance` or less.
    """

    least: int
    times: float
    chance: float
    history_hours: int


@dataclass(frozen=True, slots=True)
class EmergingRules:
    """The same for the last `recent_days` against `history_days` before them."""

    recent_days: int
    history_days: int
    least: int
    requesters: int
    times: float
    chance: float


@dataclass(frozen=True, slots=True)
class Signal:
    """What was counted and expected, and whether it is out of the ordinary; `reason` says why."""

    group_id: str
    count: int
    expected: float
    times: float
    chance: float
    is_raised: bool
    reason: str


def storm_signal(
    event_id: str, counters: Counters, now: datetime, usual_an_hour: float, rules: StormRules
) -> Signal:
    """Say whether the last 60 minutes' hour, or the one that runs, is a storm of this event.

    Parameters
    ----------
    usual_an_hour : calls that an event of the city usually has in an hour, the background: at
        least this is expected, of a new event too; above 0
    """
    hour = hour_of(now)
    count = max(counters.hours.get(hour, 0), counters.hours.get(hour - 1, 0))
    earlier = range(hour - 1 - rules.history_hours, hour - 1)
    own = sum(counters.hours.get(one, 0) for one in earlier) / rules.history_hours
    expected = max(own, usual_an_hour)
    return _signal(event_id, count, expected, rules.least, rules.times, rules.chance, "一小时")


def emerging_signal(
    group_id: str,
    days: Mapping[date, int],
    requesters: int,
    today: date,
    rules: EmergingRules,
) -> Signal:
    """Say whether a group has begun to grow: `days` counts its requests by day in Shanghai.

    `requesters` are the different people of the recent days.
    """
    recent = [today - timedelta(days=back) for back in range(rules.recent_days)]
    earlier = [recent[-1] - timedelta(days=back) for back in range(1, rules.history_days + 1)]
    count = sum(days.get(day, 0) for day in recent)
    own = sum(days.get(day, 0) for day in earlier) / rules.history_days * rules.recent_days
    floor = rules.recent_days / rules.history_days  # as if one had come before: history is short
    said = _signal(
        group_id,
        count,
        max(own, floor),
        rules.least,
        rules.times,
        rules.chance,
        f"{rules.recent_days} 天",
    )
    if said.is_raised and requesters < rules.requesters:
        reason = f"{said.reason}；但只有 {requesters} 个诉求人，少于 {rules.requesters} 个"
        return Signal(
            said.group_id, said.count, said.expected, said.times, said.chance, False, reason
        )
    return said


def poisson_tail(count: int, mean: float) -> float:
    """Return the probability of `count` or more where `mean` (above 0) are expected."""
    if count <= mean:
        return 1.0 - sum(_mass(k, mean) for k in range(count))
    total, k = 0.0, count
    while True:  # above the mean every term is smaller than the one before it by k / mean
        term = _mass(k, mean)
        total += term
        k += 1
        if term <= total * 1e-12:
            return min(total, 1.0)


@lru_cache(maxsize=4)
def load_signals(path: Path | None = None) -> tuple[StormRules, EmergingRules]:
    """Return the rules of a file, or those that come with the package.

    Raises
    ------
    UnusableFile
    """
    name = str(path) if path is not None else "signals.toml"
    try:
        source = path if path is not None else files("triage.hot") / "data/signals.toml"
        table = cast(Mapping[str, Mapping[str, float]], tomllib.loads(source.read_text("utf-8")))
        storm, emerging = dict(table["storm"]), dict(table["emerging"])
        rules = StormRules(**storm), EmergingRules(**emerging)  # type: ignore[arg-type]  # checked below
    except OSError as error:
        raise UnusableFile(f"无法读取 {name}：{error.strerror}；请检查路径") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableFile(f"{name} 写法不对：{error}；请对照随包的 signals.toml") from error
    for section, values in (("storm", storm), ("emerging", emerging)):
        for key, value in values.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
                raise UnusableFile(f"{name}：[{section}] {key} 的值 {value!r} 应为大于 0 的数")
    return rules


def _signal(
    group_id: str,
    count: int,
    expected: float,
    least: int,
    least_times: float,
    most: float,
    span: str,
) -> Signal:
    times, chance = count / expected, poisson_tail(count, expected)
    raised = count >= least and times >= least_times and chance <= most
    reason = f"{span} {count} 件，预期 {expected:.2g} 件，{times:.1f} 倍，偶然的概率 {chance:.1g}"
    return Signal(group_id, count, expected, times, chance, raised, reason)


def _mass(k: int, mean: float) -> float:
    return math.exp(k * math.log(mean) - mean - math.lgamma(k + 1))
