"""An alarm as others see it, in JSON: to whom orders may not be shown, their numbers are not.

Analysts look at counts; numbers of orders are for those who work on them. An event is named after
an order, so they get a hash of its id. What a district sees is `alarm_reach`.
"""

from __future__ import annotations

from triage.alarms.alarm import Alarm
from triage.desk.actor import Actor
from triage.desk.alarm_reach import with_opaque_event
from triage.desk.alarms import Precision
from triage.request import Json

_SEE_ORDERS = frozenset({"dispatcher", "supervisor", "administrator", "auditor"})


def alarm_json(alarm: Alarm, actor: Actor) -> dict[str, Json]:
    """Return an alarm for a caller."""
    evidence = dict(alarm.evidence)
    if not _SEE_ORDERS & actor.roles:
        alarm = with_opaque_event(alarm)
        evidence = {**alarm.evidence, "requests": [], "proposes": []}
    return {
        "id": alarm.id,
        "kind": alarm.kind.value,
        "series": alarm.series,
        "area": alarm.area,
        "state": alarm.state.value,
        "outcome": alarm.outcome or None,
        "is_calm": alarm.is_calm,
        "version": alarm.version,
        "opened_at": alarm.opened_at.isoformat(),
        "seen_at": alarm.seen_at.isoformat(),
        "closed_at": alarm.closed_at.isoformat() if alarm.closed_at else None,
        "merged_into": alarm.merged_into or None,
        "recipients": list(alarm.recipients),
        "evidence": evidence,
        "steps": [one.to_json() for one in alarm.steps],
    }


def precision_json(one: Precision) -> dict[str, Json]:
    """Return the precision of a kind."""
    return {
        "kind": one.kind.value,
        "true": one.true,
        "false": one.false,
        "unclear": one.unclear,
        "live": one.live,
        "merged": one.merged,
        "precision": None if one.value is None else round(one.value, 4),
    }
