"""POST /v1/explain: why one request is decided as it is; nothing stored.

Takes tens of milliseconds, so it is always worked on in the worker's thread.
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
from serving.schemas import TriageRequest
from serving.schemas_explain import ExplanationResult
from serving.settings import Limits
from triage.desk.actor import Actor
from triage.errors import InvalidRequest
from triage.intake.record import parse_request
from triage.same_event.entry import Entry


def explain_route(
    provider: Provider, *, limits: Limits, executor: Executor, finder: Finder | None = None
) -> APIRoute:
    """Return the route; without a finder no precedents are named."""
    limit = BodyLimit(limits.body_bytes, limits.body_seconds)

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        with_text = wants_text(scope)
        body = await read_body(scope, receive, limit)
        engine = current_engine(provider)
        answer = await asyncio.get_running_loop().run_in_executor(
            executor, lambda: _answer(engine, body, finder, scope[SCOPE_KEY], with_text=with_text)
        )
        await send_bytes(send, answer)

    return RawRoute(
        "/v1/explain",
        endpoint,
        explain,
        method="POST",
        problems=(400, 401, 408, 413, 415, 422, 429, 500, 503),
    )


def explain(request: TriageRequest, with_text: bool = False) -> ExplanationResult:
    """Say why a request is decided as it is: evidence, counterfactuals, questions worth asking.

    `with_text` adds the masked title and text. Nothing is stored.
    """
    raise AssertionError("documents the route; RawRoute answers")


def _answer(
    engine: Engine, body: bytes, finder: Finder | None, actor: Actor, *, with_text: bool
) -> bytes:
    try:
        request = parse_request(decode_json(body))
        explanation = engine.explain(request)
    except InvalidRequest as error:
        raise Problem.of_request(error) from None
    answer = explanation.to_json(with_text=with_text)
    if finder is not None:
        entry = Entry("", explanation.masked_title, explanation.masked_text)
        answer["precedents"] = finder.precedents(entry, actor)
    return orjson.dumps(answer)
