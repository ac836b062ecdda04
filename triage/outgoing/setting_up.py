"""Put the background work of a process together from what the command line or the service was told.

Notices go where `notices` says: "" keeps them in the outbox, `file:FOLDER`, or an http(s) URL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from triage.desk.office import Office
from triage.errors import TriageError
from triage.outgoing.address import check_url
from triage.outgoing.hooks import Outgoing
from triage.outgoing.posting import HttpPoster
from triage.outgoing.senders import FileSender, Sender, WebhookSender
from triage.outgoing.work import ClerkWork, HookWork, NoticeWork, holder_name
from triage.store.key_file import VaultKeys

FILE = "file:"
SECRET = "TRIAGE_NOTICES_SECRET"
"""The variable that holds the secret with which notices to a gateway are signed."""


class SendingRefused(TriageError):
    """A way to send notices that cannot be used."""

    code = "notices_refused"


class Work(Protocol):
    """Something that is asked again and again to do what is due."""

    async def poll(self) -> None:
        """Do it."""


@dataclass(frozen=True, slots=True)
class Background:
    """The works of one process, which hold leases under one name."""

    holder: str
    outgoing: Outgoing
    works: tuple[Work, ...]


def background_of(
    office: Office,
    keys: VaultKeys,
    *,
    notices: str = "",
    allow_private: bool = False,
    environment: Mapping[str, str],
) -> Background:
    """Return the clerk, the webhooks and, where a way is given, the courier.

    Raises
    ------
    SendingRefused, UnfitAddress
    """
    holder = holder_name()
    poster = HttpPoster(allow_private=allow_private)
    outgoing = Outgoing(office.database, keys, poster, office.now, allow_private)
    works: list[Work] = [ClerkWork(office, holder), HookWork(outgoing, holder)]
    sender = sender_of(notices, outgoing, environment)
    if sender is not None:
        works.append(NoticeWork(office, sender, holder))
    return Background(holder, outgoing, tuple(works))


def sender_of(notices: str, outgoing: Outgoing, environment: Mapping[str, str]) -> Sender | None:
    """Return the sender that a word names; None for "".

    Raises
    ------
    SendingRefused
        It is neither, or the gateway's secret is missing.
    UnfitAddress
    """
    if not notices:
        return None
    if notices.startswith(FILE) and len(notices) > len(FILE):
        return FileSender(Path(notices[len(FILE) :]))
    if notices.startswith(("http://", "https://")):
        check_url(notices, allow_private=outgoing.allow_private)
        secret = environment.get(SECRET, "")
        if not secret:
            raise SendingRefused(f"通知要发往短信网关，请用环境变量 {SECRET} 给出签名密钥")
        return WebhookSender(notices, secret, outgoing.poster, outgoing.now)
    raise SendingRefused(
        f"通知的去处 {notices[:80]!r} 无法识别：可写 file:文件夹，或短信网关的 http(s) 网址"
    )
