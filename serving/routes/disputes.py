"""/v1/disputes: the dispute desk, a case in full, and the ruling."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from serving.answers import json_answer
from serving.caller import actor_of
from serving.finder import Finder
from serving.schemas import problem_responses
from serving.schemas_disputes import (
    DisputeDocument,
    DisputesDocument,
    OpinionRequest,
    RulingRequest,
    ScopeDocument,
)
from triage.desk.actor import Actor
from triage.desk.dispute_view import case_json, dispute_json
from triage.desk.disputes import (
    DEFAULT_LIMIT,
    MOST,
    Decision,
    Dispute,
    dispute_of,
    dispute_page,
    rule_on,
)
from triage.desk.office import Office
from triage.desk.opinions import Stand, give_opinion
from triage.desk.sight import entry_of
from triage.workorder.routing_rules import Scope

_LIST_PROBLEMS = problem_responses(401, 403, 422, 429, 500, 503)
_PROBLEMS = {**_LIST_PROBLEMS, **problem_responses(404)}


def disputes_router(office: Office, finder: Finder | None = None) -> APIRouter:
    """Return the routes; without a finder no closed orders are named beside the rulings."""
    router = APIRouter(prefix="/v1/disputes", tags=["disputes"])

    def whole(found: Dispute, actor: Actor) -> Response:
        closed = finder.precedents(entry_of(found.order), actor) if finder else []
        return json_answer(dispute_json(found, office.units) | {"nearest_closed": closed})

    @router.get(
        "",
        response_model=DisputesDocument,
        responses=problem_responses(401, 403, 422, 429, 500, 503),
    )
    def disputes(
        request: Request,
        state: Annotated[str, Query(max_length=16, description="open、expired、ruled")] = "",
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = DEFAULT_LIMIT,
    ) -> Response:
        """Return cases, those whose ruling is due first first."""
        page = dispute_page(office, state, actor_of(request), cursor=cursor, limit=limit)
        items = [case_json(one, office.units) for one in page.items]
        return json_answer({"items": [*items], "next_cursor": page.next_cursor})

    @router.get("/{id}", response_model=DisputeDocument, responses=_PROBLEMS)
    def dispute(id: str, request: Request) -> Response:
        """Return the last case of an order: candidates, clause, rejections, precedents."""
        actor = actor_of(request)
        return whole(dispute_of(office, id, actor), actor)

    @router.post(
        "/{id}/opinions",
        response_model=DisputeDocument,
        responses={**_PROBLEMS, **problem_responses(409)},
    )
    def opinions(id: str, given: OpinionRequest, request: Request) -> Response:
        """Write down what a consulted unit says; it moves nothing."""
        stand = Stand(given.unit, given.stand, given.basis, given.version)
        actor = actor_of(request)
        return whole(give_opinion(office, id, stand, actor), actor)

    @router.post(
        "/{id}/ruling",
        response_model=DisputeDocument,
        responses={**_PROBLEMS, **problem_responses(409)},
    )
    def ruling(id: str, wanted: RulingRequest, request: Request) -> Response:
        """Rule: the order goes to the unit; the ruling may become a rule."""
        rule = wanted.rule
        decision = Decision(
            wanted.unit,
            wanted.basis,
            None if wanted.support is None else tuple(wanted.support),
            wanted.designate,
            None if rule is None else (scope_of(rule.scope), rule.expires_on),
            wanted.version,
        )
        actor = actor_of(request)
        return whole(rule_on(office, id, decision, actor), actor)

    return router


def scope_of(document: ScopeDocument) -> Scope:
    """Return the scope that was sent."""
    keywords = tuple(document.keywords or ())
    return Scope(document.topic or "", document.region or "", keywords)
