"""Deeds on one order beside its moves: reveal originals, split into matters, open again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from serving.answers import json_answer
from serving.caller import actor_of
from serving.schemas import problem_responses
from serving.schemas_orders import (
    OrderDocument,
    OrdersDocument,
    ReleaseRequest,
    ReopenRequest,
    RevealDocument,
    RevealRequest,
    SplitRequest,
)
from triage.desk.office import Office
from triage.desk.replying import release
from triage.desk.reveal import reveal
from triage.desk.spawning import PartWish, reopen, split
from triage.desk.view import order_answer
from triage.store.vault import Field

Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=128)]
_PROBLEMS = problem_responses(401, 403, 404, 409, 422, 429, 500, 503)


def deeds_router(office: Office) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/requests", tags=["work orders"])

    @router.post("/{id}/reveal", response_model=RevealDocument, responses=_PROBLEMS)
    def reveal_originals(id: str, wanted: RevealRequest, request: Request) -> Response:
        """Return originals; who, what for and when go on record first."""
        fields = frozenset(Field(name) for name in wanted.fields)
        actor = actor_of(request)
        found = reveal(office, id, fields, purpose=wanted.purpose, actor=actor)
        return json_answer({"fields": {field.value: text for field, text in found.items()}})

    @router.post("/{id}/split", response_model=OrdersDocument, responses=_PROBLEMS)
    def split_order(
        id: str, wanted: SplitRequest, request: Request, idempotency_key: Key = None
    ) -> Response:
        """Split an order into its matters; once, where an Idempotency-Key names the deed."""
        actor = actor_of(request)
        parts = [
            PartWish(
                part.text, part.topic or "", part.lead or "", tuple(part.support), part.urgency
            )
            for part in wanted.parts
        ]
        key = idempotency_key or ""
        made = split(office, id, parts, version=wanted.version, actor=actor, key=key)
        return json_answer({"orders": [order_answer(office, order, actor) for order in made]})

    @router.post("/{id}/reopen", status_code=201, response_model=OrderDocument, responses=_PROBLEMS)
    def reopen_order(id: str, wanted: ReopenRequest, request: Request) -> Response:
        """Open a closed order again, as a child of it."""
        actor = actor_of(request)
        child = reopen(office, id, reason=wanted.reason, actor=actor)
        return json_answer(order_answer(office, child, actor), 201)

    @router.post("/{id}/release", response_model=OrderDocument, responses=_PROBLEMS)
    def release_reply(id: str, wanted: ReleaseRequest, request: Request) -> Response:
        """Send a reply that was held back (答非所问, a template) on to the citizen."""
        actor = actor_of(request)
        order = release(office, id, version=wanted.version, actor=actor)
        return json_answer(order_answer(office, order, actor))

    return router
