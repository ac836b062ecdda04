"""The pages (`PAGES`) and their assets under `/static`; plain files, no data, no session.

The pages ask `/v1` like any other client. Their files come with the package and are revalidated by
ETag at each load, so that an upgrade never mixes old modules with new ones.
"""

from __future__ import annotations

import os
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).with_name("static")
PAGES = {
    "/": "index.html",
    "/queue": "queue.html",
    "/worklist": "worklist.html",
    "/disputes": "disputes.html",
    "/forecast": "forecast.html",
    "/alarms": "alarms.html",
    "/hot": "hot.html",
    "/progress": "progress.html",
}
"""Address → file: the agent, the dispatcher, the unit, the dispute desk, forecasts, alarms, hot
topics, the citizen."""
POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "require-trusted-types-for 'script'",
    )
)
"""Nothing from elsewhere, no inline script, and no text ever parsed as HTML (W3C CSP level 3,
Trusted Types)."""

HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def console_routes() -> list[BaseRoute]:
    """Return the routes of the pages; they stay out of the OpenAPI document."""
    return [
        *(Route(path, _page, methods=["GET"], include_in_schema=False) for path in PAGES),
        Mount("/static", _Assets(directory=STATIC), name="static"),
    ]


class _Assets(StaticFiles):
    """Static files that carry `HEADERS`; a 304 carries them too."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return the file, or 304 where the caller has it."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        _add_headers(response.headers)
        return response


_ASSETS = _Assets(directory=STATIC)


async def _page(request: Request) -> Response:
    return await _ASSETS.get_response(PAGES[request.url.path], request.scope)


def _add_headers(headers: MutableHeaders) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
