"""Real daily series as background, each judged alone: bursts injected every few days, one by one.

There is nothing that holds a single series, and no district: false alarms are per month.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evaluation.alarm_background import Background, from_series_file
from evaluation.alarm_injections import Found, Judging, find, outbreaks, silences
from evaluation.alarm_measure import MONTH_DAYS, REPEAT_DAYS, Plan, figures
from evaluation.rounding import rounded
from triage.alarms.findings import AlarmKind
from triage.alarms.rules import AlarmRules
from triage.files import sha256
from triage.request import Json
from triage.trends.day_kinds import Calendar, calendar_of
from triage.workorder.working_calendar import WorkingCalendar

_COUNTRY = {"nyc": "US"}
"""Country of a series by how its file's name begins; Chinese holidays for others."""


def measure_real(folder: Path, plan: Plan, rules: AlarmRules) -> list[Json]:
    """Return the figures of each series of a folder; [] where there is none."""
    return [_measured(path, plan, rules) for path in sorted(folder.glob("*.csv"))]


def _measured(path: Path, plan: Plan, rules: AlarmRules) -> Json:
    file = from_series_file(path)
    first = plan.number("real", "from_day")
    background = Background(file.name, file.series, first)
    judging = Judging(background, rules, _calendar(path))
    rng = np.random.default_rng(plan.number("real", "seed"))
    days, times = plan.number("real", "days"), float(str(plan.table["real"]["times"]))
    columns = range(first, len(file.series.days) - days, plan.number("real", "every"))
    made = [
        outbreaks(background, [0], rng, times=times, days=days, shape="flat", at=at)[0]
        for at in columns
    ]
    found = [find(judging, one, AlarmKind.OUTBREAK) for one in made]
    lost = [silences(background, [0], rng, remaining=0.0, days=days, at=at)[0] for at in columns]
    quiet = [find(judging, one, AlarmKind.SILENCE) for one in lost]
    large = [one for one in found if one.injection.mean >= 15.0]
    return {
        "series": path.name,
        "sha256": sha256(path),
        "days": len(file.series.days),
        "mean": rounded(float(file.series.counts.mean())),
        "false_per_month": _false(judging),
        "times_3_days_2": figures(found),
        "times_3_days_2_mean_15": figures(large) if large else None,
        "silence_0_days_2_mean_12": _of(quiet, 12.0),
    }


def _of(found: list[Found], least: float) -> Json:
    kept = [one for one in found if one.injection.mean >= least]
    return figures(kept) if kept else None


def _false(judging: Judging) -> dict[str, Json]:
    """Return alarms a month without anything injected; real series have outbreaks of their own."""
    background, opened = judging.background, {kind: 0 for kind in AlarmKind}
    last = dict.fromkeys(AlarmKind, -REPEAT_DAYS - 1)
    columns = range(background.first_test, len(background.series.days))
    for column in columns:
        for one in judging.day(column):
            opened[one.kind] += column - last[one.kind] > REPEAT_DAYS
            last[one.kind] = column
    months = len(columns) / MONTH_DAYS
    return {
        kind.value: rounded(opened[kind] / months)
        for kind in (AlarmKind.OUTBREAK, AlarmKind.SILENCE)
    }


def _calendar(path: Path) -> Calendar:
    country = next((code for name, code in _COUNTRY.items() if path.name.startswith(name)), "CN")
    return calendar_of(country, WorkingCalendar())
