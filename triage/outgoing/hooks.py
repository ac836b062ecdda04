"""Webhooks as an administrator keeps them: register, look, change, delete, test, try again.

A receiver's secret is shown once, when it is made; it lies sealed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from triage.errors import TriageError
from triage.outgoing.address import check_url
from triage.outgoing.payload import SENT_KINDS
from triage.outgoing.posting import Answer, Poster
from triage.outgoing.signature import HEADER, new_secret, signature
from triage.store import webhooks
from triage.store.database import Database
from triage.store.key_file import VaultKeys
from triage.store.ledger import head_of
from triage.store.webhook_secrets import secret_of
from triage.store.webhooks import Delivery, DeliveryState, Webhook

EVENT_ID = "Triage-Event-Id"


class HookRefused(TriageError):
    """A registration, or a wish about one, that cannot be; `code` says which."""

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.code = code


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What sending events needs. `allow_private`: receivers may be on this machine or network."""

    database: Database
    keys: VaultKeys
    poster: Poster
    now: Callable[[], datetime]
    allow_private: bool = False


def register(
    outgoing: Outgoing, url: str, events: Sequence[str], *, actor: str
) -> tuple[Webhook, str]:
    """Register a receiver of what happens from now on; return it and its secret.

    Raises
    ------
    UnfitAddress, VaultKeyMissing, StoreUnavailable
    HookRefused
        webhook_event.
    """
    check_url(url, allow_private=outgoing.allow_private)
    kinds, secret = _kinds(events), new_secret()
    with outgoing.database.write() as connection:
        seq = head_of(connection).seq
        hook_id = f"wh_{secrets.token_hex(8)}"
        hook = Webhook(hook_id, url, kinds, True, actor, outgoing.now(), seq)
        webhooks.add(connection, hook, secret, outgoing.keys)
    return hook, secret


def listed(outgoing: Outgoing) -> list[Webhook]:
    """Return all receivers, oldest first."""
    with outgoing.database.read() as connection:
        return webhooks.all_hooks(connection)


def shown(outgoing: Outgoing, hook_id: str) -> Webhook:
    """Return a receiver.

    Raises
    ------
    UnknownWebhook
    """
    with outgoing.database.read() as connection:
        return webhooks.hook_of(connection, hook_id)


def change(
    outgoing: Outgoing, hook_id: str, *, url: str, events: Sequence[str], active: bool
) -> Webhook:
    """Change a receiver; what it has not got yet is tried again at once.

    One that was not active gets what happened meanwhile.

    Raises
    ------
    UnknownWebhook, UnfitAddress, HookRefused
    """
    check_url(url, allow_private=outgoing.allow_private)
    kinds = _kinds(events)
    with outgoing.database.write() as connection:
        before = webhooks.hook_of(connection, hook_id, for_update=True)
        hook = replace(before, url=url, events=kinds, active=active)
        webhooks.change(connection, hook)
        held = webhooks.deliveries(connection, hook_id, [DeliveryState.RETRYING], 1)
        for one in held:
            webhooks.keep(connection, replace(one, next_at=outgoing.now()))
    return hook


def delete(outgoing: Outgoing, hook_id: str) -> None:
    """Delete a receiver with its dead letters.

    Raises
    ------
    UnknownWebhook
    """
    with outgoing.database.write() as connection:
        webhooks.remove(connection, hook_id)


def undelivered(
    outgoing: Outgoing, hook_id: str, states: Sequence[DeliveryState], limit: int
) -> list[Delivery]:
    """Return what a receiver did not take at once, oldest first.

    Raises
    ------
    UnknownWebhook
    """
    with outgoing.database.read() as connection:
        webhooks.hook_of(connection, hook_id)
        return webhooks.deliveries(connection, hook_id, states, limit)


def try_again(outgoing: Outgoing, hook_id: str, seq: int) -> Delivery:
    """Send a dead letter once more, before anything else that waits.

    Raises
    ------
    UnknownWebhook
    HookRefused
        delivery_not_dead.
    """
    with outgoing.database.write() as connection:
        webhooks.hook_of(connection, hook_id, for_update=True)
        found = webhooks.delivery_of(connection, hook_id, seq)
        if found.state is not DeliveryState.DEAD:
            raise HookRefused(
                "delivery_not_dead", f"事件 evt_{seq} 现为 {found.state}：只有死信才能重投"
            )
        queued = replace(found, state=DeliveryState.QUEUED, next_at=outgoing.now())
        webhooks.keep(connection, queued)
    return queued


async def test(outgoing: Outgoing, hook_id: str) -> Answer:
    """Send a signed message that tells of nothing, once; return what came of it.

    Raises
    ------
    UnknownWebhook, VaultKeyMissing, SecretDamaged
    """
    with outgoing.database.read() as connection:
        hook = webhooks.hook_of(connection, hook_id)
        secret = secret_of(connection, hook_id, outgoing.keys)
    now = outgoing.now()
    body = orjson.dumps({"id": "evt_test", "seq": 0, "kind": "test", "at": now.isoformat()})
    headers = signed_headers(secret, "evt_test", body, now)
    return await outgoing.poster.post(hook.url, body, headers)


def signed_headers(secret: str, event_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers by which a receiver knows sender and event."""
    return {HEADER: signature(secret, body, now), EVENT_ID: event_id}


def _kinds(events: Sequence[str]) -> tuple[str, ...]:
    known = sorted(kind.value for kind in SENT_KINDS)
    unknown = [kind for kind in events if kind not in known]
    if unknown:
        raise HookRefused(
            "webhook_event",
            f"事件 {unknown[0]!r:.40} 不能订阅；可用：{'、'.join(known)}",
            field="events",
        )
    return tuple(dict.fromkeys(events))
