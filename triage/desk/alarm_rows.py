"""Alarms as rows of the store, findings as evidence in them: one conversion, here.

Nothing is decided; what a life allows is `triage.alarms.alarm`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

import orjson

from triage.alarms.alarm import Alarm, AlarmState, Done, Step
from triage.alarms.findings import AlarmKind, Finding
from triage.alarms.telling import Names, sentence
from triage.request import Json
from triage.store.alarms import AlarmRow
from triage.text.mask import mask


def evidence_of(found: Finding, names: Names) -> dict[str, Json]:
    """Return what an alarm stands on: figures, curve, orders, terms, and all of it in words."""
    key = found.key
    return {
        "summary": mask(sentence(found, names)).text,
        "day": found.day.isoformat(),
        "level": key.level.value,
        "topic": key.topic or key.l1,
        "area": key.area,
        "channel": key.channel,
        "unit": key.unit,
        "event": key.event,
        "window_days": found.window_days,
        "count": found.count,
        "expected": round(found.expected, 2),
        "times": round(found.times, 2),
        "chance": found.chance,
        "rate": found.rate,
        "dispersion": round(found.dispersion, 2),
        "threshold": found.threshold,
        "statistics": dict(found.statistics),
        "method": found.method.value,
        "title": mask(found.title).text,
        "curve": [one.to_json() for one in found.curve],
        "terms": [mask(one).text for one in found.terms],
        "requests": list(found.requests),
        "parts": list(found.parts),
        "proposes": list(found.proposes),
    }


def row_of(alarm: Alarm) -> AlarmRow:
    """Return the row of an alarm."""
    document = {
        "evidence": dict(alarm.evidence),
        "steps": [one.to_json() for one in alarm.steps],
        "recipients": list(alarm.recipients),
    }
    return AlarmRow(
        id=alarm.id,
        kind=alarm.kind.value,
        series=alarm.series[:128],
        area=alarm.area,
        state=alarm.state.value,
        outcome=alarm.outcome,
        version=alarm.version,
        opened_at=alarm.opened_at,
        seen_at=alarm.seen_at,
        closed_at=alarm.closed_at,
        merged_into=alarm.merged_into,
        document=orjson.dumps(document).decode(),
    )


def alarm_of_row(row: AlarmRow) -> Alarm:
    """Return the alarm of a row."""
    document = cast(Mapping[str, Json], orjson.loads(row.document))
    steps = cast(list[Mapping[str, str]], document["steps"])
    return Alarm(
        id=row.id,
        kind=AlarmKind(row.kind),
        series=row.series,
        area=row.area,
        state=AlarmState(row.state),
        opened_at=row.opened_at,
        seen_at=row.seen_at,
        evidence=cast(Mapping[str, Json], document["evidence"]),
        steps=tuple(_done(one) for one in steps),
        recipients=tuple(cast(list[str], document["recipients"])),
        outcome=row.outcome,
        closed_at=row.closed_at,
        merged_into=row.merged_into,
    )


def _done(one: Mapping[str, str]) -> Done:
    at = datetime.fromisoformat(one["at"])
    return Done(Step(one["step"]), at, one["actor"], one["note"])
