"""The parts of a prediction as the published contract has them: values in, JSON out.

`triage.request` holds the values and puts the whole together; every key is always present.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triage.request import (
        Area,
        DutyClause,
        Evidence,
        Json,
        Matter,
        Place,
        Ranked,
        Topic,
        Unit,
        Urgency,
    )


def topic_json(topic: Topic) -> dict[str, Json]:
    """Return a ranked topic."""
    return {
        "code": topic.code,
        "name": topic.name,
        "l1": topic.l1,
        "board": topic.board,
        "confidence": round(topic.confidence, 4),
    }


def urgency_json(urgency: Urgency) -> dict[str, Json]:
    """Return an urgency with its reasons."""
    return {
        "level": urgency.level,
        "confidence": round(urgency.confidence, 4),
        "reasons": list(urgency.reasons),
    }


def matter_json(matter: Matter, text: str) -> dict[str, Json]:
    """Return a matter; `text` is the masked text that its spans are of."""
    originals = matter.originals or matter.spans
    return {
        "topic": topic_json(matter.topic),
        "spans": [
            {
                "start": start,
                "end": end,
                "original_start": original_start,
                "original_end": original_end,
                "text": text[start:end],
            }
            for (start, end), (original_start, original_end) in zip(
                matter.spans, originals, strict=True
            )
        ],
        "urgency": urgency_json(matter.urgency),
        "lead": unit_json(matter.lead) if matter.lead else None,
        "support": [ranked_json(unit) for unit in matter.support],
    }


def ranked_json(item: Ranked) -> dict[str, Json]:
    """Return a label with its probability."""
    return {"code": item.code, "confidence": round(item.confidence, 4)}


def evidence_json(item: Evidence) -> dict[str, Json]:
    """Return a span that spoke for a decision."""
    original_start, original_end = item.original or (item.start, item.end)
    return {
        "step": item.step,
        "start": item.start,
        "end": item.end,
        "original_start": original_start,
        "original_end": original_end,
        "text": item.text,
        "weight": round(item.weight, 3),
    }


def unit_json(unit: Unit) -> dict[str, Json]:
    """Return a ranked unit, with its actual body where that is known."""
    body: Json = None
    if unit.body is not None:
        body = {
            "id": unit.body.id,
            "name": unit.body.name,
            "region": unit.body.region,
            "as_of": unit.body.as_of,
            "status": unit.body.status,
        }
    return {
        "code": unit.code,
        "name": unit.name,
        "role": unit.role,
        "confidence": round(unit.confidence, 4),
        "body": body,
    }


def duty_json(duty: DutyClause) -> dict[str, Json]:
    """Return the governing entry of the dispatch catalogue."""
    return {
        "code": duty.code,
        "clause": duty.clause,
        "basis": duty.basis,
        "status": duty.status,
        "effective_from": duty.effective_from,
        "effective_to": duty.effective_to,
        "level": duty.level,
        "power": duty.power,
        "holder": {"code": duty.holder, "name": duty.holder_name} if duty.holder else None,
        "lead": duty.lead,
        "support": list(duty.support),
        "excluded": list(duty.excluded),
        "is_default": duty.is_default,
        "decided": duty.decided,
        "note": duty.note,
    }


def area_json(area: Area) -> dict[str, Json]:
    """Return whose area it is."""
    return {
        "kind": area.kind,
        "as_of": area.as_of,
        "candidates": [place_json(place) for place in area.candidates],
        "interim_lead": place_json(area.interim_lead) if area.interim_lead else None,
        "joint_inspection": area.joint_inspection,
        "reasons": list(area.reasons),
    }


def place_json(place: Place) -> dict[str, Json]:
    """Return a district, county or zone."""
    return {"code": place.code, "name": place.name}
