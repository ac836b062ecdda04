"""Watch all series of a city on one day: outbreaks and silences, and what could not be judged."""

from __future__ import annotations

from dataclasses import dataclass

from triage.alarms.expecting import Reference
from triage.alarms.findings import Finding
from triage.alarms.looking import Looked, look
from triage.alarms.outbreaks import folded, raised
from triage.alarms.rules import AlarmRules
from triage.alarms.series import SeriesSet
from triage.alarms.silences import outermost, silent
from triage.trends.day_kinds import Calendar


@dataclass(frozen=True, slots=True)
class Watched:
    """What a day showed: findings, how many series were judged, and how many are too young."""

    findings: tuple[Finding, ...]
    tested: int
    too_short: int


def watch(
    series: SeriesSet, rules: AlarmRules, calendar: Calendar, reference: Reference | None = None
) -> Watched:
    """Judge the last day of a set; nothing is found in an empty one.

    Parameters
    ----------
    reference
        Regressions made up to a week ago, so that days need not be fitted one by one.
    """
    if not series.keys:
        return Watched((), 0, 0)
    looked = look(series, rules, calendar, reference)
    return Watched(judged(looked, rules), looked.tests, looked.too_short)


def judged(looked: Looked, rules: AlarmRules) -> tuple[Finding, ...]:
    """Return what a look shows: outbreaks, then silences, each the rarest first."""
    loud = folded(raised(looked, rules.outbreak))
    return (*loud, *outermost(silent(looked, rules.silence)))
