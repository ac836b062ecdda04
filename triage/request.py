"""The vocabulary: a citizen's request, and the prediction made for it.

Frozen values only. This module knows nothing of files, HTTP or models; `intake.record` reads a
request from JSON, and `Prediction.to_json` is the one place that writes the published contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_TEXT = 100_000
"""Characters of `text` that are accepted; a longer one is refused, not cut."""


@dataclass(frozen=True, slots=True)
class CitizenRequest:
    """One request as it came in, before masking. Times are aware; `text` is never empty."""

    id: str
    text: str
    title: str = ""
    received_at: datetime | None = None
    district: str | None = None
    township: str | None = None
    channel: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A label with its calibrated probability in [0, 1]."""

    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The gate's decision; `reasons` are sentences for the agent.

    Everything but ACCEPT and EMERGENCY_HANDOFF is a suggestion that a person confirms.
    """

    decision: str = "ACCEPT"
    confidence: float = 1.0
    transfer_to: str | None = None
    route: str | None = None
    needs_confirmation: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """A ranked topic. With a foreign label set `code` and `name` are the label."""

    code: str
    name: str
    l1: str | None
    board: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Body:
    """The actual organisation of a functional line in one place, as of a date."""

    id: str
    name: str
    region: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A ranked handling unit; `code` is the functional line (条线)."""

    code: str
    name: str
    confidence: float
    role: str = "lead"
    body: Body | None = None


@dataclass(frozen=True, slots=True)
class Urgency:
    """Level 0 (转警) to 4 (低); `reasons` name the safety rules that raised it."""

    level: int | None = None
    confidence: float = 0.0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Elements:
    """What the text says of place, object, time and demand, and which of them is missing."""

    place: str | None = None
    time: str | None = None
    object: str | None = None
    demand: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of the masked text (offsets in characters) that spoke for a step's decision."""

    step: str
    start: int
    end: int
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Versions:
    """Which model, code lists and rules made a prediction."""

    model: str
    catalogue: str
    rules: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """Everything said about one request; `masked_text` is returned only when asked for."""

    id: str
    versions: Versions
    masked_text: str
    acceptance: Acceptance = Acceptance()
    risk_flags: tuple[str, ...] = ()
    request_type: Ranked | None = None
    topics: tuple[Topic, ...] = ()
    urgency: Urgency = Urgency()
    flags: tuple[Ranked, ...] = ()
    units: tuple[Unit, ...] = ()
    support: tuple[Ranked, ...] = ()
    elements: Elements = Elements()
    evidence: tuple[Evidence, ...] = ()
    abstain: bool = False
    abstain_reasons: tuple[str, ...] = ()

    def to_json(self, *, with_text: bool = False) -> dict[str, Json]:
        """Return the published form: every key always present, empty where a step is off."""
        result: dict[str, Json] = {
            "id": self.id,
            "acceptance": {
                "decision": self.acceptance.decision,
                "confidence": round(self.acceptance.confidence, 4),
                "transfer_to": self.acceptance.transfer_to,
                "route": self.acceptance.route,
                "needs_confirmation": self.acceptance.needs_confirmation,
                "reasons": list(self.acceptance.reasons),
            },
            "risk_flags": list(self.risk_flags),
            "request_type": _ranked(self.request_type) if self.request_type else None,
            "topics": [
                {
                    "code": topic.code,
                    "name": topic.name,
                    "l1": topic.l1,
                    "board": topic.board,
                    "confidence": round(topic.confidence, 4),
                }
                for topic in self.topics
            ],
            "urgency": {
                "level": self.urgency.level,
                "confidence": round(self.urgency.confidence, 4),
                "reasons": list(self.urgency.reasons),
            },
            "flags": [_ranked(flag) for flag in self.flags],
            "units": [_unit(unit) for unit in self.units],
            "support": [_ranked(unit) for unit in self.support],
            "matters": [],
            "questions": [],
            "similar": [],
            "elements": {
                "place": self.elements.place,
                "time": self.elements.time,
                "object": self.elements.object,
                "demand": self.elements.demand,
                "missing": list(self.elements.missing),
            },
            "evidence": [
                {
                    "step": item.step,
                    "start": item.start,
                    "end": item.end,
                    "text": item.text,
                    "weight": round(item.weight, 3),
                }
                for item in self.evidence
            ],
            "abstain": self.abstain,
            "abstain_reasons": list(self.abstain_reasons),
            "versions": {
                "model": self.versions.model,
                "catalogue": self.versions.catalogue,
                "rules": self.versions.rules,
            },
        }
        if with_text:
            result["text"] = self.masked_text
        return result


def _ranked(item: Ranked) -> dict[str, Json]:
    return {"code": item.code, "confidence": round(item.confidence, 4)}


def _unit(unit: Unit) -> dict[str, Json]:
    body: Json = None
    if unit.body is not None:
        body = {
            "id": unit.body.id,
            "name": unit.body.name,
            "region": unit.body.region,
            "as_of": unit.body.as_of,
        }
    return {
        "code": unit.code,
        "name": unit.name,
        "role": unit.role,
        "confidence": round(unit.confidence, 4),
        "body": body,
    }
