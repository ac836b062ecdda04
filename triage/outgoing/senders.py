"""Ways for a notice to leave: as a file for somebody to fetch, or to a gateway over HTTP.

A city's own way is a class with these two members. Only a sender that says so is given the
telephone number; the file has none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import orjson

from triage.errors import UnusableFile
from triage.files import atomic_write
from triage.outgoing.hooks import signed_headers
from triage.outgoing.posting import Poster


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice, ready to go; `id` is the same if it is sent again."""

    id: str
    order_id: str
    template: str
    query_code: str
    zh: str
    en: str
    created_at: str


class Sender(Protocol):
    """Sends notices."""

    @property
    def needs_phone(self) -> bool:
        """Whether the telephone number is to be read from the vault for it."""

    async def send(self, notice: Notice, phone: str) -> str:
        """Send one; return "" where it has left, else a short code of what went wrong."""


class FileSender:
    """Writes each notice to a file of its own, one line of JSON, whole or not at all."""

    needs_phone = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, notice: Notice, phone: str) -> str:
        """See `Sender`; the same notice again replaces its file."""
        return await asyncio.to_thread(self._write, notice)

    def _write(self, notice: Notice) -> str:
        line = orjson.dumps(asdict(notice), option=orjson.OPT_APPEND_NEWLINE)
        try:
            with atomic_write(self._folder / f"{notice.id}.jsonl", mode=0o640) as file:
                file.write(line)
        except (OSError, UnusableFile):
            return "folder"
        return ""


class WebhookSender:
    """Posts each notice, with the telephone number, to a gateway for short messages."""

    needs_phone = True

    def __init__(self, url: str, secret: str, poster: Poster, now: Callable[[], datetime]) -> None:
        self._url, self._secret, self._poster, self._now = url, secret, poster, now

    async def send(self, notice: Notice, phone: str) -> str:
        """See `Sender`."""
        body = orjson.dumps(asdict(notice) | {"phone": phone})
        headers = signed_headers(self._secret, notice.id, body, self._now())
        return (await self._poster.post(self._url, body, headers)).error
