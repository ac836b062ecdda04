"""What is shown of a dispute: the case, who leads meanwhile, the grounds, the ruling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from triage.desk.disputes import Dispute
from triage.desk.office import UnitFacts
from triage.request import Json
from triage.store.disputes import RULED, Case
from triage.workorder.disputes import Candidate, Opinion, RankedPrecedent, Rejection

Units = Mapping[str, UnitFacts]


def case_json(found: Dispute, units: Units) -> dict[str, Json]:
    """Return a case as it stands in a list."""
    case, order = found.case, found.order
    return {
        "order_id": case.order_id,
        "number": case.number,
        "state": found.state,
        "opened_at": case.opened_at.isoformat(),
        "opened_by": case.opened_by,
        "ruling_due": case.ruling_due.isoformat(),
        "topic": case.topic,
        "region": case.region,
        "object": case.object,
        "parties": [_unit(unit, units) for unit in case.parties],
        "interim_lead": (
            _unit(case.interim_lead, units) if case.interim_lead and case.state != RULED else None
        ),
        "due_at": order.due_at.isoformat(),
        "order_state": order.state.value,
        "version": order.version,
        "ruling": _ruling(case, units),
    }


def dispute_json(found: Dispute, units: Units) -> dict[str, Json]:
    """Return a case in full."""
    grounds = found.grounds
    return case_json(found, units) | {
        "title": found.order.title,
        "text": found.order.text,
        "candidates": [_candidate(one, units) for one in grounds.candidates],
        "duty": dict(grounds.clause) if grounds.clause else None,
        "rejections": [_rejection(one, units) for one in grounds.rejections],
        "opinions": [_opinion(one, units) for one in grounds.opinions],
        "precedents": [_precedent(one, units) for one in found.precedents],
        "rule_conflicts": [one.id for one in found.conflicts],
    }


def _unit(code: str, units: Units) -> dict[str, Json]:
    known = units.get(code)
    return {"code": code, "name": known.name if known else code}


def _candidate(one: Candidate, units: Units) -> dict[str, Json]:
    return _unit(one.unit, units) | {
        "confidence": one.confidence,
        "by_duty": one.by_duty,
        "rejections": [_rejection(each, units) for each in one.rejections],
    }


def _rejection(one: Rejection, units: Units) -> Json:
    return {
        "unit": _unit(one.unit, units),
        "reason": one.reason,
        "basis": one.basis,
        "at": one.at.isoformat(),
    }


def _opinion(one: Opinion, units: Units) -> Json:
    return {
        "unit": _unit(one.unit, units),
        "stand": one.stand,
        "basis": one.basis,
        "by": one.by,
        "at": one.at.isoformat(),
    }


def _precedent(ranked: RankedPrecedent, units: Units) -> Json:
    one = ranked.precedent
    return {
        "order_id": one.order_id,
        "publisher": one.publisher,
        "unit": _unit(one.unit, units),
        "basis": one.basis,
        "ruled_at": one.ruled_at.isoformat(),
        "region": one.region,
        "object": one.object,
        "points": ranked.points,
        "reasons": cast(Json, list(ranked.reasons)),
    }


def _ruling(case: Case, units: Units) -> Json:
    if case.ruled_at is None:
        return None
    return {
        "kind": case.kind,
        "unit": _unit(case.unit, units),
        "support": [_unit(unit, units) for unit in case.support],
        "basis": case.basis,
        "by": case.ruled_by,
        "at": case.ruled_at.isoformat(),
        "becomes_rule": case.rule_id or None,
    }
