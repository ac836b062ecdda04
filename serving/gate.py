"""What every request passes first: who, may they, rate, room; and every answer last: the metrics.

Plain ASGI, because it stands on the fast path; nothing here reads a body. It is the one place that
turns an unexpected exception into a 500, and it logs where that came from, never what was in it.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from time import perf_counter

from serving.admission import PATTERN_KEY, Admission, address_of
from serving.asgi import ASGIApp, Message, Receive, Scope, Send
from serving.body import ClientGone
from serving.caller import SCOPE_KEY
from serving.console import PAGES
from serving.identity import ANYBODY
from serving.lockout import PREFIX as QUERIES
from serving.lockout import Lockout, QueryGuard
from serving.metrics import Metrics
from serving.problems import Problem, ProblemResponse
from serving.secure import secured
from triage.desk.actor import Actor

OPEN_PATHS = frozenset({*PAGES, "/healthz", "/readyz"})
"""The pages are public; what they ask needs the key that they let their user type in."""
OPEN_FOLDER = "/static/"
"""Answered without a key and however busy the worker is."""

RETRY_SECONDS = 1
CLIENT_GONE = 499
UNROUTED = "other"

logger = logging.getLogger(__name__)
access_log = logging.getLogger("serving.access")


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        admission: Admission,
        lockout: Lockout,
        in_flight: int,
        metrics: Metrics,
    ) -> None:
        self._app = app
        self._query = QueryGuard(app, lockout=lockout, on_denied=admission.on_denied)
        self._admission = admission
        self._most = in_flight
        self._metrics = metrics
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; lifespan messages pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        status = 0

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = secured(message.get("headers", ()))
            await send(message)

        try:
            await self._enter(scope, receive, observed)
        except ClientGone:
            status = CLIENT_GONE
        except Problem as problem:
            await ProblemResponse(problem)(scope, receive, observed)
        except Exception as error:
            _log(error)
            if status == 0:
                detail = "服务内部出错，已记录；请稍后重试，若仍出错请联系管理员"
                await ProblemResponse(Problem("internal_error", detail))(scope, receive, observed)
        finally:
            seconds = perf_counter() - started
            self._metrics.observe(_route(scope), status, seconds)
            if access_log.isEnabledFor(logging.INFO):
                _log_access(scope, status, seconds)

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in OPEN_PATHS or scope["path"].startswith(OPEN_FOLDER):
            scope[SCOPE_KEY] = ANYBODY.actor
            await self._app(scope, receive, send)
            return
        self._admission.admit(scope)
        if self._in_flight >= self._most:
            raise Problem(
                "overloaded",
                f"正在处理的请求已达上限 {self._most} 个；请在 Retry-After 秒后重试",
                headers=((b"retry-after", str(RETRY_SECONDS).encode()),),
            )
        self._in_flight += 1
        try:
            # Everything that has already arrived is counted before anything is worked on:
            # the work itself never yields, so without this the count would stay at one.
            await asyncio.sleep(0)
            app = self._query if scope["path"].startswith(QUERIES) else self._app
            await app(scope, receive, send)
        finally:
            self._in_flight -= 1


def _route(scope: Scope) -> str:
    """Return the route's pattern: a label must not grow with what clients make up."""
    path: str = getattr(scope.get("route"), "path", UNROUTED)
    return path


def _log_access(scope: Scope, status: int, seconds: float) -> None:
    """Log one line: the pattern, since a path may hold a query code, and never the query."""
    actor: Actor | None = scope.get(SCOPE_KEY)
    name = actor.id if actor else "-"
    pattern = scope.get(PATTERN_KEY) or _route(scope)
    line = "%s %s %s %s %d %.1f ms"
    access_log.info(line, address_of(scope), name, scope["method"], pattern, status, 1000 * seconds)


def _log(error: Exception) -> None:
    """Log the kind of an error and the place; its words may quote a citizen's text."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames[-6:]))
    logger.error("unexpected %s at %s", type(error).__name__, where)
