"""Around the gate for /open311/v2: its api_key becomes our key, our refusals become its errors.

The specification sends the key as a parameter, and knows 400, 403 and 404 where this service says
401 and 422. Everything behind this door is the same for every caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import orjson

from serving.asgi import ASGIApp, Message, Receive, Scope, Send
from serving.open311_formats import JSON, XML, error
from serving.problems import MEDIA_TYPE

PREFIX = "/open311/v2/"
FORM_KEY = "triage.open311.form"
"""Where the scope holds the form that was read here."""
MOST_BYTES, MOST_FIELDS, SECONDS = 64 * 1024, 100, 10.0
_STATUS: Mapping[int, int] = {401: 403, 422: 400}
_FORM = b"application/x-www-form-urlencoded"


class Open311Door:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is not of this interface passes through."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        format = JSON if scope["path"].endswith(f".{JSON}") else XML
        given = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        if scope["method"] == "POST":
            try:
                async with asyncio.timeout(SECONDS):
                    form = await _form(scope, receive)
            except (ValueError, TimeoutError) as found:
                words = str(found) or "表单没有按时传完"
                await error(format, 400, words)(scope, receive, send)
                return
            scope[FORM_KEY] = form
            given = {**given, **form}
            receive = _nothing
        if given.get("api_key"):
            _put_key(scope, given["api_key"])
        answer = _Answer(send, format)
        await self._app(scope, receive, answer.take)


@dataclass(slots=True)
class _Answer:
    """Passes an answer on; a problem is held back until it can be told as the error it is."""

    send: Send
    format: str
    problem: Message | None = None
    body: bytearray = field(default_factory=bytearray)

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = dict(message.get("headers", ()))
            if headers.get(b"content-type", b"").startswith(MEDIA_TYPE.encode()):
                self.problem = message
                return
        if self.problem is None:
            await self.send(message)
            return
        self.body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._tell(self.problem)

    async def _tell(self, start: Message) -> None:
        said = orjson.loads(bytes(self.body))
        status = _STATUS.get(start["status"], start["status"])
        told = error(self.format, status, f"{said['title']}：{said['detail']}（{said['code']}）")
        kept = [
            (name, value)
            for name, value in start["headers"]
            if name not in (b"content-type", b"content-length", b"cache-control")
        ]
        await self.send({**start, "status": status, "headers": [*kept, *told.raw_headers]})
        await self.send({"type": "http.response.body", "body": told.body})


async def _form(scope: Scope, receive: Receive) -> dict[str, str]:
    """Read a form.

    Raises
    ------
    ValueError
        It is no form, too long, or not UTF-8.
    """
    headers = dict(scope["headers"])
    if headers.get(b"content-type", b"").split(b";")[0].strip().lower() != _FORM:
        raise ValueError(f"请求体应为表单：Content-Type: {_FORM.decode()}")
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BYTES:
            raise ValueError(f"表单超过 {MOST_BYTES:,} 字节")
    try:
        pairs = parse_qsl(bytes(body).decode("utf-8"), errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise ValueError("表单不是有效的 UTF-8，或字段过多") from None
    return dict(pairs)


def _put_key(scope: Scope, key: str) -> None:
    """Put the key where the gate looks for it, unless one is there."""
    if all(name != b"authorization" for name, _ in scope["headers"]):
        bearer = b"Bearer " + key.encode("utf-8")
        scope["headers"] = [*scope["headers"], (b"authorization", bearer)]


async def _nothing() -> Message:
    """Say that there is no more to come: the form has been read."""
    return {"type": "http.request", "body": b"", "more_body": False}
