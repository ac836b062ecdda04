"""A file that is sent as a body, written down as it comes: never whole in memory, mode 0600.

What arrives is counted; the length header only ever refuses early. Nothing is left of a file that
did not arrive whole.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import BinaryIO

from serving.asgi import Receive, Scope
from serving.body import CLOSE, BodyLimit, ClientGone
from serving.multipart import MEDIA_TYPE
from serving.problems import Problem

SUFFIXES = {
    "text/csv": ".csv",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
}
"""Media types that are taken → how the file is called."""
FORM = ".form"
"""How a form is called until its file is taken out of it; see `serving.multipart`."""


def suffix_of(scope: Scope, size: int) -> str:
    """Return how a file of the declared type is called.

    Raises
    ------
    Problem
        media_type_unsupported, encoding_unsupported, body_too_large.
    """
    headers = dict(scope["headers"])
    if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        raise Problem("encoding_unsupported", "不接受压缩的请求体；请去掉 Content-Encoding 后发送")
    length = headers.get(b"content-length", b"")
    if length.isdigit() and (len(length) > 18 or int(length) > size):
        raise _too_large(size)
    kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower().decode("latin-1")
    if kind == MEDIA_TYPE:
        return FORM
    if kind not in SUFFIXES:
        raise Problem(
            "media_type_unsupported",
            f"请用表单（{MEDIA_TYPE}）上传，或把文件原样放进请求体，Content-Type 用其中之一："
            f"{'、'.join(SUFFIXES)}",
            headers=((b"accept-post", ", ".join(SUFFIXES).encode()),),
        )
    return SUFFIXES[kind]


async def spool(receive: Receive, path: Path, limit: BodyLimit) -> None:
    """Write a body to a new file; durable when this returns.

    Raises
    ------
    Problem
        body_too_large, body_timeout.
    ClientGone
    """
    path.parent.mkdir(mode=0o700, parents=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            async with asyncio.timeout(limit.seconds):
                await _write(receive, file, limit.size)
            await asyncio.to_thread(_settle, file)
    except BaseException as error:
        discard(path)
        if isinstance(error, TimeoutError):
            detail = f"文件在 {limit.seconds:g} 秒内没有传完；请检查网络，或拆成几个文件"
            raise Problem("body_timeout", detail, headers=CLOSE) from None
        raise


def discard(path: Path) -> None:
    """Delete a spooled file and its folder."""
    path.unlink(missing_ok=True)
    path.parent.rmdir()


async def _write(receive: Receive, file: BinaryIO, most: int) -> None:
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        await asyncio.to_thread(file.write, chunk)
        if not message.get("more_body", False):
            return


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _too_large(size: int) -> Problem:
    return Problem("body_too_large", f"文件超过 {size:,} 字节的上限；请拆成几个文件")
