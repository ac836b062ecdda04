"""What of an alarm a district's people see: all of their own, of the whole city's only figures.

Titles, terms and orders behind a city-wide alarm come from other districts too. An event is named
after an order: where that is not among the district's own, the id is hashed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from triage.alarms.alarm import Alarm
from triage.alarms.findings import AlarmKind
from triage.alarms.key import wordless
from triage.alarms.telling import figures
from triage.desk.actor import Actor
from triage.hot.opaque import opaque
from triage.request import Json

_OF_ORDERS = frozenset({AlarmKind.OUTBREAK, AlarmKind.EMERGING})
"""Kinds whose title and terms are words of requests; those of the others are figures."""
_MERGE = "merge:"


def as_reached(alarm: Alarm, actor: Actor) -> Alarm:
    """Return an alarm as a caller of some regions may see it; unchanged for the whole city's."""
    if not actor.regions:
        return alarm
    if not alarm.area and alarm.kind in _OF_ORDERS:
        return _bare(alarm, actor)
    event, requests = str(alarm.evidence.get("event", "")), alarm.evidence.get("requests")
    is_own = isinstance(requests, list) and event in requests
    is_word = wordless(alarm.series) != alarm.series
    return alarm if not event or is_own or is_word else with_opaque_event(alarm)


def with_opaque_event(alarm: Alarm) -> Alarm:
    """Return an alarm whose event cannot be told from its id."""
    event = str(alarm.evidence.get("event", ""))
    if not event:
        return alarm
    proposes = alarm.evidence.get("proposes")
    kept: list[Json] = [
        one
        for one in (proposes if isinstance(proposes, list) else [])
        if not str(one).startswith(_MERGE)
    ]
    evidence = {**alarm.evidence, "event": opaque(event), "proposes": kept}
    at = f"@{alarm.area}" if alarm.area else ""
    return replace(alarm, series=f"event:{opaque(event)}{at}", evidence=evidence)


def _bare(alarm: Alarm, actor: Actor) -> Alarm:
    """Return an alarm without a word of requests or of people, and without others' series."""
    hidden = with_opaque_event(alarm)
    nothing: Mapping[str, Json] = {"title": "", "terms": [], "requests": [], "proposes": []}
    parts = alarm.evidence.get("parts")
    own: list[Json] = [
        one
        for one in (parts if isinstance(parts, list) else [])
        if str(one).partition("@")[2] in actor.regions
    ]
    evidence = {**hidden.evidence, **nothing, "parts": own, "summary": figures(alarm.evidence)}
    steps = tuple(replace(one, note="") for one in alarm.steps)
    return replace(hidden, evidence=evidence, steps=steps)
