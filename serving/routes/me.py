"""GET /v1/me: who calls and what they may do, so that a page offers nothing that is refused.

Both tables are asked, access.csv and moves.csv; whether an order lies in reach is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from serving.access import access_table
from serving.answers import json_answer
from serving.caller import actor_of
from serving.schemas import problem_responses
from serving.schemas_orders import MeDocument
from triage.desk.actor import Actor
from triage.desk.office import Office
from triage.request import Json
from triage.workorder.events import Kind
from triage.workorder.moves import Move, move_table


def me_router(office: Office) -> APIRouter:
    """Return the route."""
    router = APIRouter()

    @router.get(
        "/v1/me", response_model=MeDocument, responses=problem_responses(401, 403, 429, 500, 503)
    )
    def me(request: Request) -> Response:
        """Return the caller with what they may do."""
        return json_answer(me_json(actor_of(request), office))

    return router


def me_json(actor: Actor, office: Office) -> dict[str, Json]:
    """Return the caller, the endpoints of their roles and the moves of their roles."""
    pauses = office.clocks.pause_reasons(office.now())
    return {
        "id": actor.id,
        "roles": [*sorted(actor.roles)],
        "units": [*sorted(actor.units)],
        "regions": [*sorted(actor.regions)],
        "may": [
            f"{rule.method} {rule.path}"
            for rule in access_table().rules
            if rule.is_public or rule.roles & actor.roles
        ],
        "moves": [
            _move(one, pauses if one.kind is Kind.PAUSE else office.codes.reject_reasons)
            for one in move_table().moves
            if actor.is_administrator or one.by & actor.roles
        ],
    }


def _move(move: Move, names: Mapping[str, str]) -> dict[str, Json]:
    codes = names if move.kind is Kind.PAUSE else sorted(move.reasons)
    return {
        "from": move.source.value,
        "to": move.to.value,
        "kind": move.kind.value,
        "name": move.name,
        "needs": [*move.needs],
        "reasons": [{"code": code, "name": names.get(code, code)} for code in codes],
    }
