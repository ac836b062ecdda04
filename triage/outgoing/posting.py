"""Post one signed message over HTTP: no redirects, no proxies of the environment, a time limit.

Tests bring a poster of their own; what came back is read no further than its status.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import httpx

from triage.outgoing.address import LookUp, UnfitAddress, look_up, target_of

SECONDS = 10.0
"""For looking up, connecting, sending and the status of the answer, all together."""
AGENT = "citizen-triage"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a message: the HTTP status, None without an answer; `error` is "" if taken.

    Errors: http_<status>, redirect, timeout, no_address, address_refused, connection.
    """

    status: int | None
    error: str

    @property
    def is_taken(self) -> bool:
        """The receiver said 2xx."""
        return not self.error


class Poster(Protocol):
    """Sends a message to a URL."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post JSON; a failure is an answer, never an exception."""


class HttpPoster:
    """The real one."""

    def __init__(
        self, *, allow_private: bool = False, seconds: float = SECONDS, look_up: LookUp = look_up
    ) -> None:
        self.allow_private = allow_private
        self._seconds = seconds
        self._look_up = look_up
        self._trust = ssl.create_default_context()  # slow to make: once

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """See `Poster`."""
        try:
            async with asyncio.timeout(self._seconds):
                return _answer(await self._status(url, body, headers))
        except (TimeoutError, httpx.TimeoutException):
            return Answer(None, "timeout")
        except UnfitAddress:
            return Answer(None, "address_refused")
        except OSError:
            return Answer(None, "no_address")
        except httpx.HTTPError:
            return Answer(None, "connection")

    async def _status(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        target = await target_of(url, allow_private=self.allow_private, look_up=self._look_up)
        parts = urlsplit(url)
        where = urlunsplit((parts.scheme, target.netloc, parts.path or "/", parts.query, ""))
        request = httpx.Request(
            "POST",
            where,
            content=body,
            headers={
                "Content-Type": "application/json",
                "User-Agent": AGENT,
                **headers,
                "Host": parts.netloc,
            },
            extensions={
                "sni_hostname": target.host,
                "timeout": httpx.Timeout(self._seconds).as_dict(),
            },
        )
        async with httpx.AsyncHTTPTransport(verify=self._trust, trust_env=False) as transport:
            response = await transport.handle_async_request(request)
            await response.aclose()  # the body of the answer says nothing that is needed
            return response.status_code


def _answer(status: int) -> Answer:
    if 200 <= status < 300:
        return Answer(status, "")
    return Answer(status, "redirect" if 300 <= status < 400 else f"http_{status}")
