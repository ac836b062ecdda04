"""POST /v1/similar: past orders that may be the same event as a text; nothing stored."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor

import orjson
from fastapi.routing import APIRoute

from serving.asgi import Receive, Scope, Send, send_bytes
from serving.body import BodyLimit, decode_json, read_body
from serving.caller import SCOPE_KEY
from serving.desk_problems import problem_of
from serving.engine import Provider
from serving.finder import Finder
from serving.problems import Problem
from serving.routes.current import current_engine
from serving.routes.raw import RawRoute
from serving.routes.triage import parsed, predicted
from serving.schemas_similar import SimilarResult
from serving.schemas_similar_request import SimilarRequest
from serving.settings import Limits
from triage.desk.record import parse_requester
from triage.errors import InvalidRequest, TriageError


def similar_route(
    provider: Provider, finder: Finder, *, limits: Limits, executor: Executor
) -> APIRoute:
    """Return the route."""
    limit = BodyLimit(limits.body_bytes, limits.body_seconds)

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(scope, receive, limit)
        request, phone = parsed(body), _phone(body)
        engine = current_engine(provider)
        loop = asyncio.get_running_loop()
        prediction = await loop.run_in_executor(executor, predicted, engine, request)
        try:
            found = await finder.similar(request, prediction, scope[SCOPE_KEY], phone=phone)
        except TriageError as error:
            raise problem_of(error) from None
        answer = orjson.dumps({"id": request.id, "similar": found})
        await send_bytes(send, answer, headers=((b"cache-control", b"no-store"),))

    return RawRoute(
        "/v1/similar",
        endpoint,
        similar,
        method="POST",
        problems=(400, 401, 403, 408, 413, 415, 422, 429, 500, 503),
    )


def similar(request: SimilarRequest) -> SimilarResult:
    """Find past orders that may be the same event, within the caller's reach; nothing is stored."""
    raise AssertionError("documents the route; RawRoute answers")


def _phone(body: bytes) -> str:
    """Return the requester's number of a body that was found to be an object; "" without one."""
    value = decode_json(body)
    assert isinstance(value, dict)
    try:
        return parse_requester(value.get("requester")).phone
    except InvalidRequest as error:
        raise Problem.of_request(error) from None
