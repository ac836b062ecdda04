"""/v1/webhooks: who gets events, what they have not taken, and trying again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from serving.answers import json_answer
from serving.caller import actor_of
from serving.schemas import problem_responses
from serving.schemas_webhooks import (
    DeliveriesDocument,
    DeliveryDocument,
    NewWebhook,
    TestDocument,
    WebhookChange,
    WebhookDocument,
    WebhookRequest,
    WebhooksDocument,
)
from triage.outgoing import hooks
from triage.outgoing.hooks import Outgoing
from triage.outgoing.payload import event_id
from triage.request import Json
from triage.store.webhooks import Delivery, DeliveryState, UnknownWebhook, Webhook

_PROBLEMS = problem_responses(401, 403, 404, 409, 422, 429, 500, 503)
_STATES = {state.value.lower(): state for state in DeliveryState}
StateQuery = Annotated[str | None, Query(pattern="^(retrying|dead|queued|delivered)$")]
Limit = Annotated[int, Query(ge=1, le=1_000)]


def webhooks_router(outgoing: Outgoing) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

    @router.get("", response_model=WebhooksDocument, responses=_PROBLEMS)
    def show_all() -> Response:
        """Return all receivers."""
        return json_answer({"webhooks": [_hook(one) for one in hooks.listed(outgoing)]})

    @router.post("", status_code=201, response_model=NewWebhook, responses=_PROBLEMS)
    def register(wanted: WebhookRequest, request: Request) -> Response:
        """Register a receiver; its secret is in this answer and in no other."""
        actor = actor_of(request).id
        hook, secret = hooks.register(outgoing, wanted.url, wanted.events, actor=actor)
        return json_answer(_hook(hook) | {"secret": secret}, 201)

    @router.get("/{id}", response_model=WebhookDocument, responses=_PROBLEMS)
    def show(id: str) -> Response:
        """Return a receiver."""
        return json_answer(_hook(hooks.shown(outgoing, id)))

    @router.put("/{id}", response_model=WebhookDocument, responses=_PROBLEMS)
    def change(id: str, wanted: WebhookChange) -> Response:
        """Change a receiver, or stop and start it."""
        changed = hooks.change(
            outgoing, id, url=wanted.url, events=wanted.events, active=wanted.active
        )
        return json_answer(_hook(changed))

    @router.delete("/{id}", status_code=204, responses=_PROBLEMS)
    def delete(id: str) -> Response:
        """Delete a receiver with its dead letters."""
        hooks.delete(outgoing, id)
        return Response(status_code=204)

    @router.get("/{id}/deliveries", response_model=DeliveriesDocument, responses=_PROBLEMS)
    def undelivered(id: str, state: StateQuery = None, limit: Limit = 100) -> Response:
        """Return events that were not taken at once; `state=dead` are those given up."""
        states = [_STATES[state]] if state else list(DeliveryState)
        found = hooks.undelivered(outgoing, id, states, limit)
        return json_answer({"deliveries": [_delivery(one) for one in found]})

    @router.post(
        "/{id}/deliveries/{delivery}/retry", response_model=DeliveryDocument, responses=_PROBLEMS
    )
    def retry(id: str, delivery: str) -> Response:
        """Send a dead letter once more."""
        return json_answer(_delivery(hooks.try_again(outgoing, id, _seq(delivery))))

    @router.post("/{id}/test", response_model=TestDocument, responses=_PROBLEMS)
    async def test(id: str) -> Response:
        """Send a signed message that tells of nothing, and say what came of it."""
        answer = await hooks.test(outgoing, id)
        return json_answer(
            {"delivered": answer.is_taken, "status": answer.status, "error": answer.error}
        )

    return router


def _hook(hook: Webhook) -> dict[str, Json]:
    return {
        "id": hook.id,
        "url": hook.url,
        "events": list(hook.events),
        "active": hook.active,
        "created_by": hook.created_by,
        "created_at": hook.created_at.isoformat(),
    }


def _delivery(one: Delivery) -> dict[str, Json]:
    return {
        "id": event_id(one.seq),
        "seq": one.seq,
        "state": one.state.value,
        "attempts": one.attempts,
        "created_at": one.created_at.isoformat(),
        "next_at": one.next_at.isoformat(),
        "status": one.status,
        "error": one.error,
    }


def _seq(delivery: str) -> int:
    """Return the seq of an event's id."""
    digits = delivery.removeprefix("evt_")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise UnknownWebhook(f"没有编号为 {delivery[:40]!r} 的投递：应如 evt_123")
    return int(digits)
