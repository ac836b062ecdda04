"""Webhooks in the store: receivers with their sealed secrets, and what they did not take at once.

An event that went through leaves no row: the ledger itself is the outbox, `sent_seq` the place in
it. So nothing can be lost between an event and its delivery.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

import orjson
from sqlalchemy import Connection, Row, delete, insert, select, update

from triage.errors import TriageError
from triage.store.key_file import VaultKeys
from triage.store.outgoing_tables import delivery, webhook
from triage.store.upsert import upsert
from triage.store.webhook_secrets import sealed


class UnknownWebhook(TriageError):
    """No webhook, or no undelivered event of it, has this id."""

    code = "webhook_unknown"


class DeliveryState(StrEnum):
    """RETRYING holds the events after it back; DEAD no longer; QUEUED is a dead one asked again."""

    RETRYING = "RETRYING"
    DEAD = "DEAD"
    QUEUED = "QUEUED"
    DELIVERED = "DELIVERED"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A receiver; `events` are kinds, none means all. The secret is not in it."""

    id: str
    url: str
    events: tuple[str, ...]
    active: bool
    created_by: str
    created_at: datetime
    sent_seq: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that was not taken at once; `status` is the last HTTP status, None without one."""

    webhook_id: str
    seq: int
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_at: datetime
    status: int | None
    error: str


def add(connection: Connection, hook: Webhook, secret: str, keys: VaultKeys) -> None:
    """Keep a new receiver.

    Raises
    ------
    VaultKeyMissing
        There is no key to seal its secret with.
    """
    row = {field.name: getattr(hook, field.name) for field in fields(hook)}
    row["events"] = orjson.dumps(hook.events).decode()
    connection.execute(insert(webhook).values(**row, **sealed(hook.id, secret.encode(), keys)))


def all_hooks(connection: Connection) -> list[Webhook]:
    """Return all receivers, oldest first."""
    rows = connection.execute(select(webhook).order_by(webhook.c.created_at, webhook.c.id))
    return [_hook(row) for row in rows]


def hook_of(connection: Connection, hook_id: str, *, for_update: bool = False) -> Webhook:
    """Return a receiver, locked where asked.

    Raises
    ------
    UnknownWebhook
    """
    return _hook(_row(connection, hook_id, for_update=for_update))


def change(connection: Connection, hook: Webhook) -> None:
    """Write url, events, active and sent_seq as they are in `hook`."""
    values = {
        "url": hook.url,
        "events": orjson.dumps(hook.events).decode(),
        "active": hook.active,
        "sent_seq": hook.sent_seq,
    }
    connection.execute(update(webhook).where(webhook.c.id == hook.id).values(**values))


def advance(connection: Connection, hook_id: str, seq: int) -> None:
    """Note that all up to event `seq` needs no more sending; never goes back."""
    connection.execute(
        update(webhook)
        .where(webhook.c.id == hook_id, webhook.c.sent_seq < seq)
        .values(sent_seq=seq)
    )


def remove(connection: Connection, hook_id: str) -> None:
    """Delete a receiver with what it did not take.

    Raises
    ------
    UnknownWebhook
    """
    _row(connection, hook_id)
    connection.execute(delete(delivery).where(delivery.c.webhook_id == hook_id))
    connection.execute(delete(webhook).where(webhook.c.id == hook_id))


def deliveries(
    connection: Connection, hook_id: str, states: Sequence[DeliveryState], limit: int
) -> list[Delivery]:
    """Return what a receiver did not take at once, oldest first."""
    wanted = [state.value for state in states]
    rows = connection.execute(
        select(delivery)
        .where(delivery.c.webhook_id == hook_id, delivery.c.state.in_(wanted))
        .order_by(delivery.c.seq)
        .limit(limit)
    )
    return [_delivery(row) for row in rows]


def delivery_of(connection: Connection, hook_id: str, seq: int) -> Delivery:
    """Return one of them.

    Raises
    ------
    UnknownWebhook
    """
    row = connection.execute(
        select(delivery).where(delivery.c.webhook_id == hook_id, delivery.c.seq == seq)
    ).first()
    if row is None:
        raise UnknownWebhook(f"外发登记 {hook_id} 没有未送达的事件 evt_{seq}：请先看它的投递列表")
    return _delivery(row)


def keep(connection: Connection, one: Delivery) -> None:
    """Write what has become of a delivery."""
    row = {field.name: getattr(one, field.name) for field in fields(one)}
    row |= {"state": one.state.value, "error": one.error[:64]}
    upsert(connection, delivery, [row])


def _row(
    connection: Connection, hook_id: str, *, for_update: bool = False
) -> Row[tuple[object, ...]]:
    query = select(webhook).where(webhook.c.id == hook_id)
    row = connection.execute(query.with_for_update() if for_update else query).first()
    if row is None:
        raise UnknownWebhook(f"没有编号为 {hook_id!r} 的外发登记")
    return row


def _hook(row: Row[tuple[object, ...]]) -> Webhook:
    return Webhook(
        row.id,
        row.url,
        tuple(orjson.loads(row.events)),
        bool(row.active),
        row.created_by,
        row.created_at,
        int(row.sent_seq),
    )


def _delivery(row: Row[tuple[object, ...]]) -> Delivery:
    return Delivery(
        row.webhook_id,
        int(row.seq),
        DeliveryState(row.state),
        int(row.attempts),
        row.created_at,
        row.next_at,
        row.status,
        row.error,
    )
