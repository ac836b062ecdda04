"""The vocabulary: a citizen's request, and the prediction made for it.

Frozen values only. This module knows nothing of files, HTTP or models; `intake.record` reads a
request from JSON, and `Prediction.to_json` is the one place that writes the published contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from triage.published import (
    area_json,
    duty_json,
    evidence_json,
    matter_json,
    ranked_json,
    topic_json,
    unit_json,
    urgency_json,
)

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
    status: str = "to_be_confirmed"


@dataclass(frozen=True, slots=True)
class Unit:
    """A ranked handling unit; `code` is the functional line (条线)."""

    code: str
    name: str
    confidence: float
    role: str = "lead"
    body: Body | None = None


@dataclass(frozen=True, slots=True)
class DutyClause:
    """The entry of the dispatch catalogue that governs, with its basis and who holds the power.

    `decided` says that the entry moved the lead away from the model's; `excluded` are the lines
    that may not lead.
    """

    code: str
    clause: str
    basis: str
    status: str
    effective_from: str | None
    effective_to: str | None
    level: str
    power: str | None
    holder: str | None
    holder_name: str | None
    lead: str
    support: tuple[str, ...]
    excluded: tuple[str, ...]
    is_default: bool
    decided: bool
    note: str


@dataclass(frozen=True, slots=True)
class Place:
    """A district, county or functional zone."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Area:
    """Whose area a matter lies in, as of a day: several candidates where it lies on a line.

    Kinds: settled, boundary, ambiguous_township, zone, unknown_township, unknown. `interim_lead`
    leads until a ruling; `joint_inspection` asks the candidates to look together.
    """

    kind: str
    as_of: str
    candidates: tuple[Place, ...] = ()
    interim_lead: Place | None = None
    joint_inspection: bool = False
    reasons: tuple[str, ...] = ()


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
    """A span of the masked text (offsets in characters) that spoke for a step's decision.

    `original` is the same span of the text as it was sent; None where nothing was masked, for
    then the offsets are the same.
    """

    step: str
    start: int
    end: int
    text: str
    weight: float
    original: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """One of several matters of a request, each to be sent on by itself.

    `spans` are its places in the masked text, in characters; `originals` the same in the text as
    it was sent, None where nothing was masked. The confidence of `topic` is, for the first matter,
    that of the topic, for others the chance that they are a matter of their own, of this topic.
    """

    topic: Topic
    spans: tuple[tuple[int, int], ...]
    urgency: Urgency
    lead: Unit | None = None
    support: tuple[Ranked, ...] = ()
    originals: tuple[tuple[int, int], ...] | None = None


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
    duty: DutyClause | None = None
    accused: tuple[str, ...] = ()
    area: Area | None = None
    matters: tuple[Matter, ...] = ()
    elements: Elements = Elements()
    evidence: tuple[Evidence, ...] = ()
    assured: tuple[str, ...] = ()
    abstain: bool = False
    abstain_reasons: tuple[str, ...] = ()
    masked_title: str | None = None
    """None where whoever made this masked no title; never published."""

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
            "request_type": ranked_json(self.request_type) if self.request_type else None,
            "topics": [topic_json(topic) for topic in self.topics],
            "urgency": urgency_json(self.urgency),
            "flags": [ranked_json(flag) for flag in self.flags],
            "units": [unit_json(unit) for unit in self.units],
            "support": [ranked_json(unit) for unit in self.support],
            "duty": duty_json(self.duty) if self.duty else None,
            "accused": list(self.accused),
            "jurisdiction": area_json(self.area) if self.area else None,
            "matters": [matter_json(matter, self.masked_text) for matter in self.matters],
            "joint_matter": len(self.matters) > 1,
            "questions": [],
            "similar": [],
            "elements": {
                "place": self.elements.place,
                "time": self.elements.time,
                "object": self.elements.object,
                "demand": self.elements.demand,
                "missing": list(self.elements.missing),
            },
            "evidence": [evidence_json(item) for item in self.evidence],
            "assured": list(self.assured),
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
