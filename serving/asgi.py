"""The few lines of ASGI that the fast path needs: types, and an answer in one piece.

Nothing here knows what is sent. Measured (`docs/api.md`, §性能): a FastAPI route costs 75 µs a
request, a plain ASGI endpoint behind the same router 39 µs, so the hot routes are plain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["ASGIApp", "Headers", "Message", "Receive", "Scope", "Send", "send_bytes"]

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]

JSON = b"application/json"


async def send_bytes(
    send: Send,
    body: bytes,
    *,
    status: int = 200,
    media_type: bytes = JSON,
    headers: Headers = (),
) -> None:
    """Send a complete answer."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", media_type),
                (b"content-length", str(len(body)).encode()),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
