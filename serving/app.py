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
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from serving.admission import Admission
from serving.console import console_routes
from serving.denial import OnDenied, log_denial
from serving.desk_problems import problem_of, problem_of_validation
from serving.engine import Provider
from serving.finder import Finder
from serving.gate import Gate
from serving.identity import Credentials, Identity
from serving.limits import RateLimit
from serving.lockout import Failures, Lockout, MemoryFailures
from serving.metrics import Metrics
from serving.open311_door import Open311Door
from serving.openapi import document_of
from serving.problems import Problem, ProblemResponse, problem_of_http
from serving.routes.alarms import alarms_router
from serving.routes.batch import batch_route
from serving.routes.bulk import bulk_router
from serving.routes.catalogue import catalogue_router
from serving.routes.deeds import deeds_router
from serving.routes.disputes import disputes_router
from serving.routes.explain import explain_route
from serving.routes.health import health_router
from serving.routes.hot import hot_router
from serving.routes.jobs import jobs_router
from serving.routes.me import me_router
from serving.routes.open311 import open311_router
from serving.routes.public import public_router
from serving.routes.queue import queue_router
from serving.routes.reports import opendata_router, scorecards_router
from serving.routes.requests import requests_router
from serving.routes.rules import rules_router
from serving.routes.similar import similar_route
from serving.routes.trends import trends_router
from serving.routes.triage import triage_route
from serving.routes.webhooks import webhooks_router
from serving.schemas import TriageRequest
from serving.settings import Limits
from serving.watch import Watcher, keep_watch
from triage.desk.jobs import JobRoom
from triage.desk.office import Office
from triage.desk.open311 import Listing
from triage.desk.reports import Reports
from triage.errors import TriageError
from triage.outgoing.hooks import Outgoing
from triage.trends.shelf import Shelf


def create_app(
    provider: Provider,
    *,
    limits: Limits | None = None,
    keys: Credentials | None = None,
    tokens: Credentials | None = None,
    is_own_host_only: bool = False,
    failures: Failures | None = None,
    on_denied: OnDenied = log_denial,
    metrics: Metrics | None = None,
    watchers: Sequence[Watcher] = (),
    poll_seconds: float = 1.0,
    noop_route: bool = False,
    office: Office | None = None,
    finder: Finder | None = None,
    outgoing: Outgoing | None = None,
    background: Sequence[Watcher] = (),
    jobs: JobRoom | None = None,
    open311: Listing | None = None,
    reports: Reports | None = None,
    opendata: Path | None = None,
    trends: Shelf | None = None,
) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    provider
        Holds the engine that answers.
    keys, tokens
        Without either nobody is asked who they are, and everybody may do everything.
    is_own_host_only
        Those who are not asked must call this machine by a loopback name.
    failures
        Where wrong query codes are counted; None counts those of this process.
    on_denied
        Told of every refusal.
    watchers
        Polled every `poll_seconds` while the application runs.
    finder
        Finds similar orders; None leaves its route out.
    outgoing, background
        Sends events to other systems (None leaves its routes out); works that are polled too, each
        in a task of its own, because they may take long.
    jobs, open311
        Where long work is queued; what Open311 shows. None leaves their routes out.
    reports, opendata
        What scorecards, hot topics and alarms are computed with; the folder of published months.
        None leaves them out.
    trends
        What forecasts are read from; None leaves their route out.
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
        rounds = [watchers, *([work] for work in background)]
        watch = [asyncio.create_task(keep_watch(one, seconds=poll_seconds)) for one in rounds]
        yield
        for task in watch:
            task.cancel()

    app = FastAPI(
        title="citizen-triage",
        version=version("citizen-triage"),
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from elsewhere; this service works offline
        redoc_url=None,
        redirect_slashes=False,
    )
    app.router.routes.append(
        triage_route(provider, limits=limits, executor=executor, finder=finder)
    )
    app.router.routes.append(batch_route(provider, limits=limits, executor=executor))
    app.router.routes.append(
        explain_route(provider, limits=limits, executor=executor, finder=finder)
    )
    if finder is not None:
        app.router.routes.append(similar_route(provider, finder, limits=limits, executor=executor))
    app.include_router(catalogue_router(provider))
    app.include_router(health_router(provider, metrics))
    if reports is not None:
        app.include_router(scorecards_router(reports))
        app.include_router(hot_router(reports))
        app.include_router(alarms_router(reports))
    if opendata is not None:
        app.include_router(opendata_router(opendata))
    if trends is not None:
        app.include_router(trends_router(trends))
    if office is not None:
        app.include_router(requests_router(office, limits))
        app.include_router(deeds_router(office))
        app.include_router(queue_router(office))
        app.include_router(public_router(office))
        app.include_router(disputes_router(office, finder))
        app.include_router(rules_router(office))
        app.include_router(me_router(office))
    if outgoing is not None:
        app.include_router(webhooks_router(outgoing))
    _add_jobs(app, jobs, limits)
    app.router.routes.extend(console_routes())
    if noop_route:
        app.add_api_route("/noop", _noop, include_in_schema=False)
        app.add_api_route("/noop", _noop_of_request, methods=["POST"], include_in_schema=False)
    _answer_problems(app)
    most, window = limits.query_failures, limits.query_window_seconds
    lockout = Lockout(failures or MemoryFailures(most=most), most, window)
    admission = Admission(
        Identity(keys, tokens),
        RateLimit(limits.rate_per_second),
        is_own_host_only=is_own_host_only,
        on_denied=on_denied,
    )
    app.add_middleware(
        Gate,
        admission=admission,
        lockout=lockout,
        in_flight=limits.in_flight,
        metrics=metrics,
    )
    _add_open311(app, open311)
    return app


def _add_jobs(app: FastAPI, jobs: JobRoom | None, limits: Limits) -> None:
    if jobs is not None:
        app.include_router(jobs_router(jobs))
        app.include_router(bulk_router(jobs, limits))


def _add_open311(app: FastAPI, open311: Listing | None) -> None:
    if open311 is not None:
        app.include_router(open311_router(open311))
        app.add_middleware(Open311Door)  # outermost: it turns the gate's refusals as well


def _answer_problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return ProblemResponse(error)

    @app.exception_handler(TriageError)
    async def deed(request: Request, error: TriageError) -> Response:
        return ProblemResponse(problem_of(error))

    @app.exception_handler(RequestValidationError)
    async def fields(request: Request, error: RequestValidationError) -> Response:
        return ProblemResponse(problem_of_validation(error))

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
