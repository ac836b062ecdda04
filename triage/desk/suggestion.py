"""What a prediction suggests for an order: the body of a `suggest` event, and of an override.

The whole prediction goes into the ledger beside it; this is the part that the order takes on.
"""

from __future__ import annotations

from triage.request import Area, Json, Prediction

ORDINARY = 3
"""The level of an order whose urgency nobody could judge."""
FIELDS = (
    *("request_type", "topic", "urgency", "lead", "support", "flags", "is_complex"),
    "accused",
)
"""What a person may override."""


def suggestion_of(prediction: Prediction) -> dict[str, Json]:
    """Return what the order takes on: first labels, and urgency as rules and model give it."""
    lead = prediction.units[0] if prediction.units else None
    level = prediction.urgency.level
    region = _region(prediction.area)
    duty = prediction.duty
    return {
        "acceptance": prediction.acceptance.decision,
        "request_type": prediction.request_type.code if prediction.request_type else "",
        "topic": prediction.topics[0].code if prediction.topics else "",
        "urgency": ORDINARY if level is None else level,
        "lead": lead.code if lead else "",
        "support": [unit.code for unit in prediction.support],
        "flags": [flag.code for flag in prediction.flags],
        "accused": list(prediction.accused),
        "is_complex": len(prediction.matters) > 1,
        "region": region,
        "level": duty.level.lower() if duty else "",
        "power": (duty.power or "") if duty else "",
        "power_holder": (duty.holder or "") if duty else "",
    }


def _region(area: Area | None) -> str:
    """Return who leads until a ruling, or the one candidate; "" where nobody can say."""
    if area is None:
        return ""
    if area.interim_lead is not None:
        return area.interim_lead.code
    return area.candidates[0].code if len(area.candidates) == 1 else ""
