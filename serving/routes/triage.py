"""POST /v1/triage: one request in, one decision out, nothing stored.

An ordinary text is worked on in the event loop: it takes less time than handing it to a thread
would. A long one goes to the worker's thread, so that nobody else waits for it.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor

import orjson
from fastapi.routing import APIRoute

from serving.asgi import Receive, Scope, Send, send_bytes
from serving.body import BodyLimit, decode_json, read_body
from serving.caller import SCOPE_KEY
from serving.engine import Engine, Provider
from serving.finder import Finder
from serving.problems import Problem
from serving.routes.current import current_engine, wants_text
from serving.routes.raw import RawRoute
from serving.schemas import TriageRequest, TriageResult
from serving.settings import Limits
from triage.errors import InvalidRequest
from triage.intake.record import parse_request
from triage.request import CitizenRequest, Prediction

INLINE_CHARACTERS = 2_000
"""About 3 ms of work; the longest of the labelled messages has some 4,000 characters."""


def triage_route(
    provider: Provider, *, limits: Limits, executor: Executor, finder: Finder | None = None
) -> APIRoute:
    """Return the route; without a finder no similar orders are named."""
    limit = BodyLimit(limits.body_bytes, limits.body_seconds)

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        with_text = wants_text(scope)
        request = parsed(await read_body(scope, receive, limit))
        engine = current_engine(provider)
        if len(request.text) <= INLINE_CHARACTERS:
            prediction = predicted(engine, request)
        else:
            loop = asyncio.get_running_loop()
            prediction = await loop.run_in_executor(executor, predicted, engine, request)
        answer = prediction.to_json(with_text=with_text)
        if finder is not None:
            actor = scope[SCOPE_KEY]
            answer["similar"] = await finder.similar_if_any(request, prediction, actor)
        await send_bytes(send, orjson.dumps(answer))

    return RawRoute(
        "/v1/triage",
        endpoint,
        triage,
        method="POST",
        problems=(400, 401, 408, 413, 415, 422, 429, 500, 503),
    )


def triage(request: TriageRequest, with_text: bool = False) -> TriageResult:
    """Triage one request; nothing is stored. `with_text` adds the masked text as `text`."""
    raise AssertionError("documents the route; RawRoute answers")


def parsed(body: bytes) -> CitizenRequest:
    """Return the request of a body.

    Raises
    ------
    Problem
        json_invalid, and the codes of `triage.intake.reasons.REASONS`.
    """
    try:
        return parse_request(decode_json(body))
    except InvalidRequest as error:
        raise Problem.of_request(error) from None


def predicted(engine: Engine, request: CitizenRequest) -> Prediction:
    """Return what an engine says of a request.

    Raises
    ------
    Problem
        A code of `triage.intake.reasons.REASONS`.
    """
    try:
        return engine.triage((request,))[0]
    except InvalidRequest as error:
        raise Problem.of_request(error) from None
