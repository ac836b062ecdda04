"""/v1/requests: take a request in, show it, move it, amend it.

Each endpoint validates, calls one deed of `triage.desk` in a thread, and translates.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from serving.answers import json_answer, raw_answer
from serving.body import BodyLimit, decode_json, read_body
from serving.caller import actor_of
from serving.schemas import problem_responses
from serving.schemas_orders import (
    ExtensionRequest,
    IntakeRequest,
    IntakeResult,
    NoteRequest,
    OrderDocument,
    OrderPage,
    OrderQuery,
    OverrideRequest,
    TimelineDocument,
    TransitionRequest,
)
from serving.settings import Limits
from triage.desk import amend
from triage.desk.intake import receive
from triage.desk.listing import Wanted, find_orders
from triage.desk.moves import Wish, move
from triage.desk.office import Office
from triage.desk.reading import order_of, timeline_of
from triage.desk.record import parse_intake
from triage.desk.reject_risk import RejectLearner, reject_risk
from triage.desk.view import order_answer, timeline_json
from triage.request import Json
from triage.workorder.events import Kind
from triage.workorder.order import WorkOrder

_PROBLEMS = problem_responses(401, 403, 404, 409, 422, 429, 500, 503)
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=128)]


def requests_router(office: Office, limits: Limits) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/requests", tags=["work orders"])
    limit = BodyLimit(limits.body_bytes, limits.body_seconds)
    learner = RejectLearner()

    @router.post(
        "",
        status_code=201,
        response_model=IntakeResult,
        responses={
            200: {"model": IntakeResult, "description": "以前登记过，内容同第一次"},
            **problem_responses(400, 401, 403, 408, 413, 415, 422, 429, 500, 503),
        },
        openapi_extra={"requestBody": _body_of(IntakeRequest)},
    )
    async def receive_request(request: Request, idempotency_key: Key = None) -> Response:
        """Take a request in: triaged, numbered and durable before this answers."""
        body = await read_body(request.scope, request.receive, limit)
        record = parse_intake(decode_json(body), now=office.now())
        actor = actor_of(request)
        receipt = await run_in_threadpool(
            receive, office, record, actor=actor.id, idempotency_key=idempotency_key or ""
        )
        status = 200 if receipt.is_replay else 201
        return raw_answer(receipt.answer, status)

    @router.get("", response_model=OrderPage, responses=_PROBLEMS)
    def find(
        request: Request,
        wanted: Annotated[OrderQuery, Query()],
    ) -> Response:
        """Find orders, newest first; `cursor` goes on where the last page ended."""
        actor = actor_of(request)
        what = Wanted(
            wanted.state, wanted.unit, wanted.region, wanted.topic, wanted.source,
            wanted.since, wanted.until,
        )  # fmt: skip
        found = find_orders(office, what, actor, cursor=wanted.cursor, limit=wanted.limit)
        items: list[Json] = [order_answer(office, order, actor) for order in found.orders]
        return json_answer({"items": items, "next_cursor": found.next_cursor})

    @router.get("/{id}", response_model=OrderDocument, responses=_PROBLEMS)
    def show(id: str, request: Request) -> Response:
        """Return an order as it stands, and how likely the ranked units are to reject it."""
        actor = actor_of(request)
        order = order_of(office, id, actor)
        risks = [] if actor.units else reject_risk(office, learner, order)
        return json_answer(order_answer(office, order, actor) | {"reject_risk": risks})

    @router.get("/{id}/timeline", response_model=TimelineDocument, responses=_PROBLEMS)
    def timeline(id: str, request: Request) -> Response:
        """Return an order's events, oldest first."""
        actor = actor_of(request)
        entries = timeline_of(office, id, actor)
        return json_answer({"events": timeline_json(entries, actor)})

    @router.post("/{id}/transitions", response_model=OrderDocument, responses=_PROBLEMS)
    def transition(id: str, wanted: TransitionRequest, request: Request) -> Response:
        """Move an order; 409 names the moves that are allowed."""
        wish = Wish(
            to=wanted.to,
            unit=wanted.unit or "",
            reason=wanted.reason or "",
            basis=wanted.basis or "",
            note=wanted.note or "",
            into=wanted.into or "",
            support=None if wanted.support is None else tuple(wanted.support),
            version=wanted.version,
        )
        return _order(office, move(office, id, wish, actor_of(request)), request)

    @router.post("/{id}/overrides", response_model=OrderDocument, responses=_PROBLEMS)
    def overrides(id: str, wanted: OverrideRequest, request: Request) -> Response:
        """Replace parts of the suggestion; model and person both stay on record."""
        fields = wanted.model_dump(exclude_none=True, exclude={"reason", "version"})
        order = amend.override(
            office,
            id,
            fields,
            reason=wanted.reason,
            version=wanted.version,
            actor=actor_of(request),
        )
        return _order(office, order, request)

    @router.post("/{id}/extension", response_model=OrderDocument, responses=_PROBLEMS)
    def extension(
        id: str, wanted: ExtensionRequest, request: Request, idempotency_key: Key = None
    ) -> Response:
        """Give an order more working days; once, where an Idempotency-Key names the deed."""
        order = amend.extend(
            office,
            id,
            wanted.working_days,
            reason=wanted.reason,
            version=wanted.version,
            actor=actor_of(request),
            key=idempotency_key or "",
        )
        return _order(office, order, request)

    @router.post("/{id}/remind", response_model=OrderDocument, responses=_PROBLEMS)
    def remind(id: str, wanted: NoteRequest, request: Request) -> Response:
        """Remind the unit (催办)."""
        actor = actor_of(request)
        order = amend.note(office, id, Kind.REMIND, {"note": wanted.note}, actor)
        return _order(office, order, request)

    @router.post("/{id}/supervise", response_model=OrderDocument, responses=_PROBLEMS)
    def supervise(id: str, wanted: NoteRequest, request: Request) -> Response:
        """Put an order under supervision (督办)."""
        actor = actor_of(request)
        order = amend.note(office, id, Kind.SUPERVISE, {"note": wanted.note}, actor)
        return _order(office, order, request)

    return router


def _order(office: Office, order: WorkOrder, request: Request) -> Response:
    return json_answer(order_answer(office, order, actor_of(request)))


def _body_of(model: type[IntakeRequest]) -> dict[str, Json]:
    schema: Json = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"required": True, "content": {"application/json": {"schema": schema}}}
