"""Lockout of the public query: who keeps guessing query codes must wait.

Failures are counted by address and by code over a sliding window, in a store that all workers may
share; here is the protocol and one in memory. The `limits` package does not fit: it has no store
for a SQL database, and the one in memory starts a thread for almost every hit.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from serving.asgi import ASGIApp, Message, Receive, Scope, Send
from serving.caller import SCOPE_KEY
from serving.denial import Denial, OnDenied, log_denial
from serving.problems import Problem
from triage.workorder.numbers import query_code_of

PREFIX = "/v1/public/"
FAILED = 404
MAX_SUBJECTS = 10_000
"""Subjects that the store in memory remembers (about 10 MB with ten failures each)."""

_IPV6_SITE = 64
"""Bits by which IPv6 addresses are told apart: one household holds all of the rest."""


class Failures(Protocol):
    """Where failures are counted. Subjects are addresses and codes: keep a keyed digest of them."""

    async def add(self, subject: str, at: float) -> None:
        """Note a failure at a time in seconds since 1970."""

    async def since(self, subject: str, at: float) -> list[float]:
        """Return the times of a subject's failures after a time, oldest first."""


class MemoryFailures:
    """The failures that one worker has seen; the least recent subjects are forgotten first."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._times: dict[str, deque[float]] = {}

    async def add(self, subject: str, at: float) -> None:
        """Note a failure; of each subject the last `most` are kept."""
        times = self._times.pop(subject, None) or deque(maxlen=self._most)
        times.append(at)
        self._times[subject] = times  # last in the order of the dictionary
        if len(self._times) > MAX_SUBJECTS:
            del self._times[next(iter(self._times))]

    async def since(self, subject: str, at: float) -> list[float]:
        """Return the times of a subject's failures after a time, oldest first."""
        return [moment for moment in self._times.get(subject, ()) if moment > at]


@dataclass(frozen=True, slots=True)
class Lockout:
    """At most `most` failures in `window_seconds` for each address and for each code."""

    failures: Failures
    most: int
    window_seconds: float
    clock: Callable[[], float] = time.time

    async def check(self, *subjects: str) -> None:
        """Refuse where one of the subjects has failed too often.

        Raises
        ------
        Problem
            locked_out, with the seconds until the oldest failure that counts leaves the window.
        """
        now = self.clock()
        for subject in subjects:
            times = await self.failures.since(subject, now - self.window_seconds)
            if len(times) >= self.most:
                wait = times[-self.most] + self.window_seconds - now
                raise _locked(max(math.ceil(wait), 1))

    async def failed(self, *subjects: str) -> None:
        """Count one failure for each subject."""
        now = self.clock()
        for subject in subjects:
            await self.failures.add(subject, now)


class QueryGuard:
    """ASGI middleware for the paths under `PREFIX`: 404 is a failure, locked out is 429."""

    def __init__(self, app: ASGIApp, *, lockout: Lockout, on_denied: OnDenied = log_denial) -> None:
        self._app = app
        self._lockout = lockout
        self._on_denied = on_denied

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one query."""
        code = query_code_of(scope["path"].removeprefix(PREFIX))
        subjects = (address_subject(scope), f"code:{code}")
        try:
            await self._lockout.check(*subjects)
        except Problem as problem:
            self._on_denied(Denial(scope.get(SCOPE_KEY), scope["method"], PREFIX, problem.code))
            raise
        status = 0

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self._app(scope, receive, observed)
        if status == FAILED:
            await self._lockout.failed(*subjects)


def address_subject(scope: Scope) -> str:
    """Return by what an address is counted: itself, or its /64 for IPv6."""
    client = scope.get("client")
    host = client[0] if client else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"address:{host}"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return f"address:{address.ipv4_mapped}"
        return f"address:{ipaddress.ip_network((address, _IPV6_SITE), strict=False)}"
    return f"address:{address}"


def _locked(seconds: int) -> Problem:
    return Problem(
        "locked_out",
        f"查询码连续输错次数过多；请在 {seconds} 秒后重试，或拨打 12345 查询",
        headers=((b"retry-after", str(seconds).encode()),),
    )
