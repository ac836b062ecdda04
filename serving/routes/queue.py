"""GET /v1/queue: the open orders, most pressing first; GET and PUT /v1/mode: 平急 mode."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from serving.answers import json_answer
from serving.caller import actor_of
from serving.schemas import problem_responses
from serving.schemas_orders import ModeDocument, ModeRequest, QueueDocument
from triage.desk.mode import OperationMode, current_mode, declare
from triage.desk.office import Office
from triage.desk.queueing import DEFAULT_LIMIT, MOST, Page, queue_page
from triage.desk.view import order_answer
from triage.request import Json
from triage.store.queue import Slice

_PROBLEMS = problem_responses(401, 403, 422, 429, 500, 503)
Word = Annotated[str, Query(max_length=64)]


def queue_router(office: Office) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1", tags=["queue"])

    @router.get("/queue", response_model=QueueDocument, responses=_PROBLEMS)
    def queue(
        request: Request,
        unit: Word = "",
        level: Word = "",
        region: Word = "",
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = DEFAULT_LIMIT,
    ) -> Response:
        """Return a page of open orders; `cursor` goes on with the same queue as it stood."""
        actor = actor_of(request)
        part = Slice(unit, level, (region,) if region else ())
        page = queue_page(office, part, actor, cursor=cursor, limit=limit)
        return json_answer(_page(office, page, request))

    @router.get("/mode", response_model=ModeDocument, responses=_PROBLEMS)
    def mode() -> Response:
        """Return the operation mode in force."""
        return json_answer(_mode(current_mode(office)))

    @router.put("/mode", response_model=ModeDocument, responses=_PROBLEMS)
    def set_mode(wanted: ModeRequest, request: Request) -> Response:
        """Declare a mode; EMERGENCY ends by itself."""
        actor = actor_of(request)
        return json_answer(_mode(declare(office, wanted.mode, reason=wanted.reason, actor=actor)))

    return router


def _page(office: Office, page: Page, request: Request) -> dict[str, Json]:
    actor = actor_of(request)
    return {
        "mode": page.mode,
        "items": [
            {
                "request": order_answer(office, item.order, actor),
                "score": round(item.score, 4),
                "reasons": [
                    {"part": part.name, "points": round(part.points, 4), "reason": part.reason}
                    for part in item.reasons
                ],
            }
            for item in page.items
        ],
        "next_cursor": page.next_cursor,
    }


def _mode(mode: OperationMode) -> dict[str, Json]:
    until = mode.until.isoformat() if mode.until else None
    return {"mode": mode.name, "until": until, "reason": mode.reason, "by": mode.by}
