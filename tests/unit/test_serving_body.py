from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from serving.asgi import Message
from serving.body import BodyLimit, ClientGone, decode_json, read_body
from serving.problems import Problem

JSON_TYPE = (b"content-type", b"application/json")


def receiving(*messages: Message) -> Callable[[], Awaitable[Message]]:
    queue = list(messages)

    async def receive() -> Message:
        if queue:
            return queue.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    return receive


def part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def read(
    *messages: Message,
    headers: tuple[tuple[bytes, bytes], ...] = (JSON_TYPE,),
    size: int = 10,
    seconds: float = 1.0,
) -> bytes:
    scope = {"type": "http", "headers": list(headers)}
    return asyncio.run(read_body(scope, receiving(*messages), BodyLimit(size, seconds)))


def refused(*messages: Message, headers: tuple[tuple[bytes, bytes], ...] = (JSON_TYPE,)) -> str:
    with pytest.raises(Problem) as caught:
        read(*messages, headers=headers, seconds=0.01)
    return caught.value.code


def test_a_body_in_parts_is_put_together() -> None:
    assert read(part(b"ab", more=True), part(b"cd", more=True), part(b"e")) == b"abcde"


def test_a_body_of_exactly_the_limit_passes_and_one_more_byte_does_not() -> None:
    assert read(part(b"x" * 10)) == b"x" * 10
    assert refused(part(b"x" * 11)) == "body_too_large"
    assert refused(part(b"x" * 6, more=True), part(b"x" * 5, more=True)) == "body_too_large"


@pytest.mark.parametrize("length", [b"11", b"9" * 30])
def test_a_declared_length_over_the_limit_is_refused_before_reading(length: bytes) -> None:
    assert refused(headers=(JSON_TYPE, (b"content-length", length))) == "body_too_large"


def test_a_body_that_does_not_end_in_time_is_refused() -> None:
    assert refused(part(b"ab", more=True)) == "body_timeout"


def test_a_client_that_leaves_is_nobody_to_answer() -> None:
    with pytest.raises(ClientGone):
        read(part(b"ab", more=True), {"type": "http.disconnect"})


@pytest.mark.parametrize(
    "value",
    [
        b"application/json",
        b"application/json; charset=utf-8",
        b'Application/JSON ; charset="UTF-8"',
        b"application/json; charset=utf8; version=1",
    ],
)
def test_json_in_utf8_is_accepted_however_it_is_spelled(value: bytes) -> None:
    assert read(part(b"{}"), headers=((b"content-type", value),)) == b"{}"


@pytest.mark.parametrize(
    "value",
    [b"text/plain", b"application/jsonp", b"application/json; charset=gb18030", b"", b"\xff\xfe"],
)
def test_another_type_is_refused(value: bytes) -> None:
    assert refused(part(b"{}"), headers=((b"content-type", value),)) == "media_type_unsupported"


def test_a_missing_type_is_refused() -> None:
    assert refused(part(b"{}"), headers=()) == "media_type_unsupported"


def test_a_compressed_body_is_refused() -> None:
    headers = (JSON_TYPE, (b"content-encoding", b"gzip"))
    assert refused(part(b"{}"), headers=headers) == "encoding_unsupported"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe\xff", b'{"a":1}x', b"[" * 100_000, b"1" * 10_000]
)
def test_what_is_not_json_is_json_invalid(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        decode_json(body)
    assert (caught.value.code, caught.value.status) == ("json_invalid", 400)


def test_a_lone_surrogate_is_json() -> None:
    assert decode_json(b'{"text": "\\ud800"}') == {"text": "\ud800"}
