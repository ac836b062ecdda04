"""By the hour: what each hour of the week usually brings, and a channel that has gone quiet today.

The mean of the same hour in the weeks before, moved by the level of the last week; holidays make
it too high, so a holiday is compared with Sundays. No model is fitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.alarms.discovery import adjusted
from triage.alarms.findings import AlarmKind, Finding, Method, Point
from triage.alarms.key import SeriesKey
from triage.alarms.rules import SilenceRules
from triage.alarms.tails import Floats, lower_tail
from triage.trends.day_kinds import Calendar

WEEKS: Final = 8
_WEEK: Final = 168
HISTORY_HOURS: Final = WEEKS * _WEEK
_SHOWN: Final = 48


@dataclass(frozen=True, slots=True)
class HourlySet:
    """`counts[i, t]` of series `keys[i]` in the hour that begins `t` hours after `first`.

    `first` is Chinese time without an offset.
    """

    keys: tuple[SeriesKey, ...]
    first: datetime
    counts: Floats


def usual_hours(hourly: HourlySet, calendar: Calendar, ahead: int = 0) -> Floats:
    """Return what the last day of hours, and `ahead` more, usually bring: (n, 24 + ahead).

    The weeks before the last day tell; with fewer than two of them everything is 0.
    """
    hours = hourly.counts.shape[1]
    kind = _kinds(hourly.first, hours + ahead, calendar)
    past = slice(max(0, hours - 24 - HISTORY_HOURS), max(0, hours - 24))
    wanted = kind[hours - 24 :]
    result = np.zeros((len(hourly.keys), len(wanted)))
    if past.stop - past.start < 2 * _WEEK:
        return result
    before, before_kind = hourly.counts[:, past], kind[past]
    counted = _counted(before)
    for one in np.unique(wanted):
        result[:, wanted == one] = _mean(before, counted, before_kind == one)
    return result * _level(before, counted, before_kind)[:, None]


def quiet_hours(hourly: HourlySet, rules: SilenceRules, calendar: Calendar) -> list[Finding]:
    """Return the series from which far less came in the last hours than usual."""
    hours = hourly.counts.shape[1]
    if not hourly.keys or hours < 24 + 2 * _WEEK:
        return []
    mean = usual_hours(hourly, calendar)
    counts = hourly.counts[:, -24:]
    dispersion = _dispersion(hourly, calendar)
    looks = []
    for window in rules.hours:
        count, usual = counts[:, -window:].sum(axis=1), mean[:, -window:].sum(axis=1)
        is_fit = (usual >= rules.expected) & (count <= rules.share * usual)
        looks.append(np.where(is_fit, lower_tail(count, np.maximum(usual, 1e-3), dispersion), 1.0))
    table = np.stack(looks)
    chance = np.minimum(table.min(axis=0) * len(looks), 1.0)
    rate = adjusted(chance)
    windows = np.array(rules.hours)[table.argmin(axis=0)]
    return [
        _finding(
            hourly, int(at), int(windows[at]), mean[at], (chance[at], rate[at], dispersion[at])
        )
        for at in np.flatnonzero(rate <= rules.rate)
    ]


def _finding(
    hourly: HourlySet, at: int, window: int, mean: Floats, said: tuple[float, float, float]
) -> Finding:
    chance, rate, dispersion = said
    counts = hourly.counts[at, -24:]
    begins = hourly.first + timedelta(hours=hourly.counts.shape[1] - 24)
    curve = tuple(
        Point((begins + timedelta(hours=n)).isoformat("T", "minutes"), int(count), float(one))
        for n, (count, one) in enumerate(zip(counts, mean, strict=True))
    )
    return Finding(
        kind=AlarmKind.SILENCE,
        key=hourly.keys[at],
        day=(begins + timedelta(hours=23)).date(),
        window_days=1,
        count=int(counts[-window:].sum()),
        expected=float(mean[-window:].sum()),
        chance=float(chance),
        rate=float(rate),
        dispersion=float(dispersion),
        method=Method.HOURS,
        curve=curve,
        title=f"最近 {window} 小时",
    )


def _kinds(first: datetime, hours: int, calendar: Calendar) -> NDArray[np.int64]:
    """Return the hour of the week of each hour; of a holiday that of a Sunday, of 调休 a Monday."""
    begins = first.date()
    days = [begins + timedelta(days=n) for n in range((hours + first.hour) // 24 + 1)]
    weekday = [
        day.weekday()
        if calendar.is_working_day(day) == (day.weekday() < 5)
        else (6 if day.weekday() < 5 else 0)
        for day in days
    ]
    at = np.arange(hours) + first.hour
    result: NDArray[np.int64] = np.array(weekday)[at // 24] * 24 + at % 24
    return result


def _counted(before: Floats) -> Floats:
    """Return 1 for each hour since a series began, 0 before; one begun in the first week has all.

    A channel that was opened three weeks ago did not bring nothing for five weeks before.
    """
    begun = np.where((before > 0).any(axis=1), (before > 0).argmax(axis=1), 0)
    begun = np.where(begun < _WEEK, 0, begun)
    return np.asarray(np.arange(before.shape[1]) >= begun[:, None], np.float64)


def _mean(before: Floats, counted: Floats, of: NDArray[np.bool_]) -> Floats:
    """Return the mean of some hours of each series, (n, 1); 0 where none was counted."""
    hours = counted[:, of].sum(axis=1, keepdims=True)
    result: Floats = before[:, of].sum(axis=1, keepdims=True) / np.maximum(hours, 1.0)
    return result


def _level(before: Floats, counted: Floats, kind: NDArray[np.int64]) -> Floats:
    """Return how the last week compares with the mean week, kept near 1 for few requests."""
    usual = np.zeros(before.shape)
    for one in np.unique(kind):
        usual[:, kind == one] = _mean(before, counted, kind == one)
    recent = before[:, -_WEEK:].sum(axis=1)
    result: Floats = np.clip((recent + 50.0) / (usual[:, -_WEEK:].sum(axis=1) + 50.0), 0.5, 2.0)
    return result


def _dispersion(hourly: HourlySet, calendar: Calendar) -> Floats:
    """Return variance over mean of a day's count about its weekday: hours of a day go together."""
    hours = hourly.counts.shape[1]
    days = min(WEEKS * 7, (hours - 24) // 24)
    past = hourly.counts[:, hours - 24 - days * 24 : hours - 24]
    daily = past.reshape(len(past), days, 24).sum(axis=2)
    start = hourly.first + timedelta(hours=hours - 24 - days * 24)
    kind = _kinds(start, days * 24, calendar)[::24] // 24
    whole = _counted(past).reshape(len(past), days, 24).min(axis=2)
    mean = np.zeros(daily.shape)
    for one in np.unique(kind):
        mean[:, kind == one] = _mean(daily * whole, whole, kind == one)
    pearson = (whole * (daily - mean) ** 2 / np.maximum(mean, 0.1)).sum(axis=1)
    return np.asarray(np.maximum(pearson / np.maximum(whole.sum(axis=1) - 7, 1), 1.0))
