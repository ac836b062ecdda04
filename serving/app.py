"""The application: routes around a provider, the gate around the routes.

`create_app` is the one place that knows all parts. It reads no file and no environment, so tests
hand it fakes; `serving.worker` hands it the real thing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from serving.console import console_routes
from serving.engine import Provider
from serving.gate import Admission, Gate
from serving.keyring import KeyRing
from serving.limits import RateLimit
from serving.metrics import Metrics
from serving.openapi import document_of
from serving.problems import Problem, ProblemResponse, problem_of_http
from serving.routes.batch import batch_route
from serving.routes.catalogue import catalogue_router
from serving.routes.explain import explain_route
from serving.routes.health import health_router
from serving.routes.triage import triage_route
from serving.schemas import TriageRequest
from serving.settings import Limits
from serving.watch import Watcher, keep_watch


def create_app(
    provider: Provider,
    *,
    limits: Limits | None = None,
    keys: KeyRing | None = None,
    metrics: Metrics | None = None,
    watchers: Sequence[Watcher] = (),
    poll_seconds: float = 1.0,
    noop_route: bool = False,
) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    provider
        Holds the engine that answers.
    keys
        None asks for no key.
    watchers
        Polled every `poll_seconds` while the application runs.
    noop_route
        Adds `POST /noop` (a request in, nothing done) and `GET /noop` for `triage bench`.
    """
    limits = limits or Limits()
    metrics = metrics or Metrics()
    # One thread: batches run one after another, and never take more than half of two cores. The
    # server has drained before it stops, so there is nothing to shut down.
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="triage")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        watch = asyncio.create_task(keep_watch(watchers, seconds=poll_seconds))
        yield
        watch.cancel()

    app = FastAPI(
        title="citizen-triage",
        version=version("citizen-triage"),
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from elsewhere; this service works offline
        redoc_url=None,
        redirect_slashes=False,
    )
    app.router.routes.append(triage_route(provider, limits=limits, executor=executor))
    app.router.routes.append(batch_route(provider, limits=limits, executor=executor))
    app.router.routes.append(explain_route(provider, limits=limits, executor=executor))
    app.include_router(catalogue_router(provider))
    app.include_router(health_router(provider, metrics))
    app.router.routes.extend(console_routes())
    if noop_route:
        app.add_api_route("/noop", _noop, include_in_schema=False)
        app.add_api_route("/noop", _noop_of_request, methods=["POST"], include_in_schema=False)
    _answer_problems(app)
    rate = limits.rate_per_second
    app.add_middleware(
        Gate,
        admission=Admission(limits.in_flight, keys, RateLimit(rate) if rate else None),
        metrics=metrics,
    )
    return app


def _answer_problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return ProblemResponse(error)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        return ProblemResponse(problem_of_http(error))

    documents: list[dict[str, Any]] = []

    def openapi() -> dict[str, Any]:
        if not documents:
            documents.append(document_of(app))
        return documents[0]

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


async def _noop() -> dict[str, str]:
    return {}


async def _noop_of_request(request: TriageRequest) -> dict[str, str]:
    """Take a request as any FastAPI endpoint would, and do nothing with it."""
    return {"id": str(request.id)}
