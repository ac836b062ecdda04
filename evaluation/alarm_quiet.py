"""Silences by the hour and of units: channels that lose requests, units that cease to answer.

What is judged is what `triage alarms run --hours` judges; false ones are counted where nothing was
injected. Draws come from a seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product

import numpy as np
from numpy.typing import NDArray

from evaluation.alarm_background import Background
from evaluation.alarm_injections import Found, Judging, find, rows_between, silences
from evaluation.alarm_measure import MONTH_DAYS, Plan, false_alarms, figures, summary
from evaluation.rounding import rounded
from triage.alarms.findings import AlarmKind
from triage.alarms.hours import HISTORY_HOURS, HourlySet, quiet_hours
from triage.alarms.key import Level
from triage.alarms.rules import AlarmRules
from triage.request import Json
from triage.workorder.working_calendar import WorkingCalendar

_CALENDAR = WorkingCalendar()
_SEEN = HISTORY_HOURS + 24


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A channel that lost requests: how many hours it lasted, what is left, hours until found."""

    channel: str
    hours: int
    remaining: float
    expected: float
    delay: int | None


def hourly_silences(background: Background, plan: Plan, rules: AlarmRules, seed: int) -> Json:
    """Return what became of hourly silences, and how many were raised where there were none."""
    assert background.hours is not None
    rng, hours = np.random.default_rng([seed, 3]), background.hours
    found: list[QuietHours] = []
    each = plan.number("hours", "each")
    for lasting, remaining in product(
        plan.numbers("hours", "lasting"), plan.numbers("hours", "remaining")
    ):
        for row in rng.integers(len(hours.keys), size=each).tolist():
            last = hours.counts.shape[1] - int(lasting)
            at = int(rng.integers(24 * background.first_test, last))
            found.append(_lost(hours, rules, (row, at, int(lasting), remaining), rng))
    large = [one for one in found if one.expected >= rules.silence.expected]
    return {
        "n": len(found),
        "false_per_channel_month": _false(background, rules),
        "too_little_expected": len(found) - len(large),
        "by_hours_remaining": _grouped(large, lambda one: (one.hours, one.remaining)),
        "by_channel": _grouped(large, lambda one: one.channel),
    }


def unit_silences(background: Background, plan: Plan, rules: AlarmRules, seed: int) -> Json:
    """Return what became of units that ceased to answer for some working days."""
    assert background.answers is not None
    city = replace(background, series=background.answers, hours=None, answers=None)
    city = city.shortened(plan.number("units", "history_days"))
    judging, rng = Judging(city, rules, _CALENDAR), np.random.default_rng([seed, 4])
    rows, found = rows_between(city, Level.UNIT, 6.0, np.inf), list[Found]()
    for remaining, days in product(
        plan.numbers("units", "remaining"), plan.numbers("units", "days")
    ):
        begins = _workdays(city, int(days))
        for row in rng.choice(rows, size=plan.number("units", "each")).tolist():
            at = int(rng.choice(begins))
            made = silences(city, [row], rng, remaining=remaining, days=int(days), at=at)
            found.append(find(judging, made[0], AlarmKind.SILENCE))
    opened = false_alarms(judging)["opened"]
    assert isinstance(opened, dict)
    months = (len(city.series.days) - city.first_test) / MONTH_DAYS
    false = int(str(opened.get("silence_city", 0)))
    return {
        "units": len(rows),
        "false_per_unit_month": rounded(false / months / max(len(rows), 1)),
        "by_remaining_days": list(summary(found, lambda one: (one.times, one.days))),
        "mean_15": figures(large) if (large := _large(found)) else None,
    }


def _large(found: list[Found]) -> list[Found]:
    return [one for one in found if one.injection.mean >= 15.0]


def _workdays(city: Background, days: int) -> NDArray[np.int64]:
    """Return the columns from which so many working days follow one another."""

    def works(at: date) -> bool:
        return all(_CALENDAR.is_working_day(at + timedelta(days=n)) for n in range(days))

    last = len(city.series.days) - days
    return np.array([n for n in range(city.first_test, last) if works(city.series.days[n])])


def _lost(
    hours: HourlySet, rules: AlarmRules, what: tuple[int, int, int, float],
    rng: np.random.Generator,
) -> QuietHours:  # fmt: skip
    row, at, lasting, remaining = what
    before = hours.counts[row, at : at + lasting].copy()
    week = hours.counts[row, at - 168 : at - 168 + lasting].sum()
    delay: int | None = None
    hours.counts[row, at : at + lasting] = rng.binomial(before.astype(np.int64), remaining)
    try:
        for hour in range(1, lasting + 1):
            told = quiet_hours(_upto(hours, at + hour), rules.silence, _CALENDAR)
            if any(one.key == hours.keys[row] for one in told):
                delay = hour
                break
    finally:
        hours.counts[row, at : at + lasting] = before
    return QuietHours(hours.keys[row].channel, lasting, remaining, float(week), delay)


def _upto(hours: HourlySet, end: int) -> HourlySet:
    begins = max(0, end - _SEEN)
    first = hours.first + timedelta(hours=begins)
    return HourlySet(hours.keys, first, hours.counts[:, begins:end])


def _false(background: Background, rules: AlarmRules) -> float | None:
    """Return alarms a channel and month, one that is raised again within a day being the same."""
    assert background.hours is not None
    hours, raised = background.hours, 0
    last = dict.fromkeys(hours.keys, -(10**6))
    for end in range(24 * background.first_test, hours.counts.shape[1]):
        for one in quiet_hours(_upto(hours, end), rules.silence, _CALENDAR):
            raised += end - last[one.key] > 24
            last[one.key] = end
    months = (hours.counts.shape[1] / 24 - background.first_test) / MONTH_DAYS
    return rounded(raised / months / len(hours.keys))


def _grouped(found: list[QuietHours], by: Callable[[QuietHours], object]) -> list[Json]:
    groups: dict[object, list[QuietHours]] = {}
    for one in found:
        groups.setdefault(by(one), []).append(one)
    rows: list[Json] = []
    for key in sorted(groups, key=str):
        of = groups[key]
        delays = [one.delay for one in of if one.delay is not None]
        rows.append(
            {
                "of": list(key) if isinstance(key, tuple) else str(key),
                "n": len(of),
                "found": rounded(len(delays) / len(of)),
                "mean_delay_hours": rounded(float(np.mean(delays))) if delays else None,
            }
        )
    return rows
