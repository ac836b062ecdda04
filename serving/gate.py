"""What every request passes first: key, rate, room; and what every answer passes last: the metrics.

Plain ASGI, because it stands on the fast path. It is the one place that turns an unexpected
exception into a 500, and it logs where that came from, never what was in it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import traceback
from dataclasses import dataclass
from time import perf_counter

from serving.asgi import ASGIApp, Message, Receive, Scope, Send
from serving.body import ClientGone
from serving.keyring import KeyRing
from serving.limits import RateLimit
from serving.metrics import Metrics
from serving.problems import Problem, ProblemResponse

OPEN_PATHS = frozenset({"/", "/healthz", "/readyz"})
"""The page itself is public; what it asks needs the key that it lets its user type in."""
OPEN_FOLDER = "/static/"
"""Answered without a key and however busy the worker is."""

RETRY_SECONDS = 1
CLIENT_GONE = 499
UNROUTED = "other"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may come in: `keys` and `rate` are None where nothing is asked."""

    in_flight: int
    keys: KeyRing | None = None
    rate: RateLimit | None = None


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, admission: Admission, metrics: Metrics) -> None:
        self._app = app
        self._admission = admission
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
            self._metrics.observe(_route(scope), status, perf_counter() - started)

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in OPEN_PATHS or scope["path"].startswith(OPEN_FOLDER):
            await self._app(scope, receive, send)
            return
        self._admit(scope)
        self._in_flight += 1
        try:
            # Everything that has already arrived is counted before anything is worked on:
            # the work itself never yields, so without this the count would stay at one.
            await asyncio.sleep(0)
            await self._app(scope, receive, send)
        finally:
            self._in_flight -= 1

    def _admit(self, scope: Scope) -> None:
        caller = None
        if self._admission.keys is not None:
            caller = self._admission.keys.caller(scope["headers"])
        if self._admission.rate is not None:
            _check_rate(self._admission.rate, caller or _address(scope))
        if self._in_flight >= self._admission.in_flight:
            raise Problem(
                "overloaded",
                f"正在处理的请求已达上限 {self._admission.in_flight} 个；请在 Retry-After 秒后重试",
                headers=((b"retry-after", str(RETRY_SECONDS).encode()),),
            )


def _check_rate(rate: RateLimit, caller: str) -> None:
    wait = rate.wait_seconds(caller)
    if wait > 0:
        seconds = str(max(math.ceil(wait), 1))
        raise Problem(
            "rate_limited",
            f"超过了每秒允许的请求数；请在 {seconds} 秒后重试",
            headers=((b"retry-after", seconds.encode()),),
        )


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else "unknown"


def _route(scope: Scope) -> str:
    """Return the route's pattern: a label must not grow with what clients make up."""
    path: str = getattr(scope.get("route"), "path", UNROUTED)
    return path


def _log(error: Exception) -> None:
    """Log the kind of an error and the place; its words may quote a citizen's text."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames[-6:]))
    logger.error("unexpected %s at %s", type(error).__name__, where)
