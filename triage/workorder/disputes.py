"""A dispute put together from an order's events, and earlier rulings ranked as precedents.

Pure: who was suggested, what the catalogue says, who sent it back and why. Knows no store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from triage.request import Json
from triage.workorder.events import Event, Kind

_SENDING = frozenset({Kind.DISPATCH, Kind.REASSIGN, Kind.ADJUDICATE, Kind.DESIGNATE})
STANDS = ("OURS", "NOT_OURS", "JOINT")
"""A unit says that the matter is its own, not its own, or to be handled together."""
SAME_OBJECT, SAME_PARTY, SAME_REGION, SHARED, OVERTURNED = 3.0, 2.0, 1.0, -0.5, -7.0
"""Points of a precedent: the same thing and the same units quarrelling say more than the place;
another's ruling binds less than one's own, and one that did not last stands behind all others."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A unit that sent an order back: its reason (a code) and the basis it gave."""

    unit: str
    reason: str
    basis: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a unit said when it was consulted (会商): its stand, one of `STANDS`, and the basis."""

    unit: str
    stand: str
    basis: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that may be ruled to handle an order.

    `confidence` is the prediction's, None where it did not rank the unit; `by_duty` says what the
    catalogue's entry makes of it: lead, support, excluded or "".
    """

    unit: str
    confidence: float | None
    by_duty: str
    rejections: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a ruling can rest on; `clause` is the catalogue's entry as predicted, {} without one.

    `opinions` are those given since the order was last objected to, oldest first.
    """

    candidates: tuple[Candidate, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    clause: Mapping[str, Json] | None = None
    object: str = ""
    opinions: tuple[Opinion, ...] = ()


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier ruling; `publisher` names whose it was where it came with a pack.

    `is_overturned`: the order was objected to again after it.
    """

    order_id: str
    topic: str
    region: str
    object: str
    parties: tuple[str, ...]
    unit: str
    basis: str
    ruled_at: datetime
    publisher: str = ""
    is_overturned: bool = False


@dataclass(frozen=True, slots=True)
class RankedPrecedent:
    """A precedent with its points and what they are for (Chinese)."""

    precedent: Precedent
    points: float
    reasons: tuple[str, ...]


def grounds_of(events: Iterable[Event], accused: Sequence[str] = ()) -> Grounds:
    """Return what an order's events, oldest first, say of the dispute; no accused unit is named."""
    prediction: Mapping[str, Json] = {}
    rejections: list[Rejection] = []
    opinions: list[Opinion] = []
    held = ""
    for event in events:
        if event.kind is Kind.PREDICTION:
            prediction = event.body
        elif event.kind in _SENDING:
            held = str(event.body.get("unit") or "")
        elif event.kind is Kind.REJECT:
            reason, basis = (str(event.body.get(name) or "") for name in ("reason", "basis"))
            rejections.append(Rejection(held, reason, basis, event.at))
        elif event.kind is Kind.OBJECT:
            opinions.clear()
        elif event.kind is Kind.OPINION:
            unit, stand, basis = (str(event.body[name]) for name in ("unit", "stand", "basis"))
            opinions.append(Opinion(unit, stand, basis, event.actor, event.at))
    duty = cast(Mapping[str, Json], prediction.get("duty") or {})
    ranked = cast(list[Mapping[str, Json]], prediction.get("units") or [])
    elements = cast(Mapping[str, Json], prediction.get("elements") or {})
    confidences = {str(unit["code"]): cast(float, unit["confidence"]) for unit in ranked}
    units = dict.fromkeys(
        [*confidences, str(duty.get("lead") or ""), *(one.unit for one in rejections)]
    )
    candidates = tuple(
        Candidate(
            unit,
            confidences.get(unit),
            _by_duty(unit, duty),
            tuple(one for one in rejections if one.unit == unit),
        )
        for unit in units
        if unit and unit not in accused
    )
    object_ = str(elements.get("object") or "")
    heard = tuple(one for one in opinions if one.unit not in accused)
    return Grounds(candidates, tuple(rejections), duty or None, object_, heard)


def rank_precedents(
    precedents: Iterable[Precedent],
    *,
    region: str,
    object_: str,
    parties: Sequence[str],
    limit: int = 5,
) -> tuple[RankedPrecedent, ...]:
    """Return the likest rulings of a topic, best first, of equals the newest."""
    ranked = [_ranked(one, region, object_, frozenset(parties)) for one in precedents]
    ranked.sort(key=lambda one: (one.points, one.precedent.ruled_at), reverse=True)
    return tuple(ranked[:limit])


def _ranked(one: Precedent, region: str, object_: str, parties: frozenset[str]) -> RankedPrecedent:
    points, reasons = 0.0, ["同一主题"]
    if object_ and one.object and (object_ in one.object or one.object in object_):
        points += SAME_OBJECT
        reasons.append(f"同类对象：{one.object}")
    if shared := sorted(parties & {*one.parties, one.unit}):
        points += SAME_PARTY
        reasons.append(f"同样的争议单位：{'、'.join(shared)}")
    if region and one.region == region:
        points += SAME_REGION
        reasons.append("同一区域")
    if one.publisher:
        points += SHARED
        reasons.append(f"采纳自{one.publisher}")
    if one.is_overturned:
        points += OVERTURNED
        reasons.append("裁定后再次争议")
    return RankedPrecedent(one, points, tuple(reasons))


def _by_duty(unit: str, duty: Mapping[str, Json]) -> str:
    if unit == duty.get("lead"):
        return "lead"
    for name in ("support", "excluded"):
        if unit in cast(list[str], duty.get(name) or []):
            return name
    return ""
