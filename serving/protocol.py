"""uvicorn's HTTP protocol with bounds added: on a head's time and size, and on a body's rest.

A head must be complete in HEAD_SECONDS and HEAD_BYTES. Where the answer came before the body did
(413, 415, 503 …), the rest is thrown away for LINGER_SECONDS, so that the client can read the
answer instead of a reset connection. A broken head is answered with problem+json as well.
"""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from serving.problems import MEDIA_TYPE, Problem

HEAD_SECONDS = 10.0
HEAD_BYTES = 64 * 1024
LINGER_SECONDS = 5.0


class PatientProtocol(HttpToolsProtocol):
    """One connection."""

    _head_timer: TimerHandle | None = None
    _linger_timer: TimerHandle | None = None
    _head_bytes = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start waiting for the first head."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_head_timer()
        self._stop_linger_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, and see to it that a begun head ends."""
        super().data_received(data)
        if not self._in_head:
            self._stop_head_timer()
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES:
            self._refuse(Problem("head_too_large", f"请求头超过 {HEAD_BYTES:,} 字节；请缩短"))
        elif self._head_timer is None:
            self._wait_for_head()

    def on_message_begin(self) -> None:
        """Note that a head begins."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note that the head is complete; its request starts."""
        self._in_head = False
        self._head_bytes = 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that the body is complete, answered or not."""
        self._stop_linger_timer()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Give a body that is still coming a little time to end."""
        super().on_response_complete()
        if self.cycle is not None and self.cycle.response_complete and self.cycle.more_body:
            self._linger_timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are not HTTP."""
        self._refuse(Problem("http_invalid", "收到的字节不是有效的 HTTP/1.1 请求"))

    def _wait_for_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _refuse(self, problem: Problem) -> None:
        if self.transport.is_closing():
            return
        body = problem.body()
        lines = [
            STATUS_LINE[problem.status],
            b"content-type: ",
            MEDIA_TYPE.encode(),
            b"\r\ncontent-length: ",
            str(len(body)).encode(),
            b"\r\nconnection: close\r\n\r\n",
            body,
        ]
        self.transport.write(b"".join(lines))
        self.transport.close()

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_linger_timer(self) -> None:
        if self._linger_timer is not None:
            self._linger_timer.cancel()
            self._linger_timer = None
