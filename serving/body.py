"""Reading a JSON body by hand: type, size, time and encoding are checked before it is decoded.

The length header is only ever a hint to refuse early; the bytes that arrive are what counts. Knows
nothing of what the JSON means.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from serving.asgi import Headers, Receive, Scope
from serving.problems import Problem
from triage.errors import InvalidRequest
from triage.intake.jsonlines import decode_line

_JSON_TYPE = b"application/json"
_PLAIN = (
    b"application/json",
    b"application/json; charset=utf-8",
    b"application/json;charset=utf-8",
)
CLOSE: Headers = ((b"connection", b"close"),)
"""Sent where the rest of the body is not going to come."""


class ClientGone(Exception):
    """The client left before its body was complete; there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """Bytes at most, and seconds from the first wait to the last byte."""

    size: int
    seconds: float


async def read_body(scope: Scope, receive: Receive, limit: BodyLimit) -> bytes:
    """Return the whole body of a request that declares JSON.

    Raises
    ------
    Problem
        media_type_unsupported, encoding_unsupported, body_too_large, body_timeout.
    ClientGone
    """
    _check_headers(scope, limit.size)
    try:
        async with asyncio.timeout(limit.seconds):
            return await _collect(receive, limit.size)
    except TimeoutError:
        raise Problem(
            "body_timeout",
            f"请求体在 {limit.seconds:g} 秒内没有到齐；请检查网络或 Content-Length 后重试",
            headers=CLOSE,
        ) from None


def decode_json(body: bytes) -> object:
    """Decode a body; lone surrogates pass and are replaced when the request is read.

    Raises
    ------
    Problem
        json_invalid.
    """
    if not body:
        raise Problem("json_invalid", "请求体是空的；请发送一个 JSON 对象")
    try:
        return decode_line(body)
    except InvalidRequest as error:
        item = {"field": None, "code": error.code, "message": error.message}
        raise Problem(
            "json_invalid",
            "请求体不是有效的 JSON；请发送 UTF-8 编码的一个 JSON 对象",
            errors=(item,),
        ) from None


async def _collect(receive: Receive, size: int) -> bytes:
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > size:
            raise _too_large(size)
        return body
    chunks = bytearray()
    while message["type"] == "http.request":
        chunks += message.get("body", b"")
        if len(chunks) > size:
            raise _too_large(size)
        if not message.get("more_body", False):
            return bytes(chunks)
        message = await receive()
    raise ClientGone


def _check_headers(scope: Scope, size: int) -> None:
    media_type = None
    for name, value in scope["headers"]:
        if name == b"content-type":
            media_type = value
        elif name == b"content-length":
            if value.isdigit() and (len(value) > 18 or int(value) > size):
                raise _too_large(size)
        elif name == b"content-encoding" and value.strip().lower() != b"identity":
            raise Problem(
                "encoding_unsupported",
                "不接受压缩的请求体；请去掉 Content-Encoding 后发送原文",
                headers=((b"accept-encoding", b"identity"),),
            )
    if media_type not in _PLAIN:
        _check_media_type(media_type)


def _check_media_type(value: bytes | None) -> None:
    kind, *parameters = (value or b"").lower().split(b";")
    charsets = [
        text.split(b"=", 1)[1].strip(b' "')
        for text in map(bytes.strip, parameters)
        if text.startswith(b"charset=")
    ]
    if kind.strip() != _JSON_TYPE or charsets not in ([], [b"utf-8"], [b"utf8"]):
        raise Problem(
            "media_type_unsupported",
            "只接受 UTF-8 的 JSON；请设置 Content-Type: application/json",
            headers=((b"accept-post", _JSON_TYPE),),
        )


def _too_large(size: int) -> Problem:
    return Problem("body_too_large", f"请求体超过 {size:,} 字节的上限；请拆小后重试")
