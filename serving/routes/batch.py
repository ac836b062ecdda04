"""POST /v1/triage:batch: up to 256 requests, results in order, errors in their place."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from fastapi.routing import APIRoute

from serving.asgi import Receive, Scope, Send, send_bytes
from serving.batch import answer_batch
from serving.body import BodyLimit, read_body
from serving.engine import Provider
from serving.problems import Problem
from serving.routes.current import current_engine, wants_text
from serving.routes.raw import RawRoute
from serving.schemas import BatchRequest, BatchResult
from serving.settings import Limits


def batch_route(provider: Provider, *, limits: Limits, executor: Executor) -> APIRoute:
    """Return the route."""
    limit = BodyLimit(limits.batch_body_bytes, limits.body_seconds)
    room = _Room(limits.batches)

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        with_text = wants_text(scope)
        with room.one():
            body = await read_body(scope, receive, limit)
            engine = current_engine(provider)
            answer = await asyncio.get_running_loop().run_in_executor(
                executor,
                lambda: answer_batch(body, engine, with_text=with_text, at_most=limits.batch_size),
            )
        await send_bytes(send, answer)

    return RawRoute(
        "/v1/triage:batch",
        endpoint,
        triage_batch,
        method="POST",
        problems=(400, 401, 408, 413, 415, 422, 429, 500, 503),
    )


def triage_batch(request: BatchRequest, with_text: bool = False) -> BatchResult:
    """Triage up to 256 requests; `results` has one entry each, in order, errors in their place."""
    raise AssertionError("documents the route; RawRoute answers")


class _Room:
    """How many batches may be held in memory at once."""

    def __init__(self, size: int) -> None:
        self._free = size

    @contextmanager
    def one(self) -> Iterator[None]:
        if self._free == 0:
            raise Problem(
                "overloaded",
                "同时处理的批量请求已达上限；请在 Retry-After 秒后重试",
                headers=((b"retry-after", b"1"),),
            )
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1
