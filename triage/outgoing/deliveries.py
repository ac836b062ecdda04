"""Send events to webhooks: each receiver gets them in order, one at a time, and again on failure.

The ledger is the outbox: an event counts as sent when the receiver's place in it has moved past it,
so a process that dies sends its last event again, with the same id, and loses none.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.outgoing.backoff import LONGEST_WAIT, wait_after
from triage.outgoing.hooks import Outgoing, signed_headers
from triage.outgoing.payload import SENT_KINDS, event_id, payload
from triage.outgoing.posting import Answer
from triage.store import webhooks
from triage.store.leases import hold
from triage.store.ledger import Entry, entry_at, head_of, next_entry
from triage.store.orders import find
from triage.store.webhook_secrets import secret_of
from triage.store.webhooks import Delivery, DeliveryState, UnknownWebhook, Webhook

LEASE, LEASE_LENGTH = "webhooks", timedelta(minutes=1)
"""Longer than one message may take; renewed with every one."""
_LOOK = 5_000
"""Events looked through at once for the next that a receiver asked for."""
_ALL = frozenset(kind.value for kind in SENT_KINDS)


@dataclass(frozen=True, slots=True)
class _Message:
    hook: Webhook
    entry: Entry
    body: bytes
    secret: str
    before: Delivery | None


async def deliver(outgoing: Outgoing, holder: str, *, most: int = 100) -> Counter[str]:
    """Send what is due, up to `most` events a receiver; return how many were taken, failed, died.

    Receivers do not wait for each other. Nothing is sent where another process holds the lease.

    Raises
    ------
    StoreUnavailable
    """
    done: Counter[str] = Counter()
    hooks = await asyncio.to_thread(_with_work, outgoing, holder)
    await asyncio.gather(*(_drain(outgoing, hook_id, holder, most, done) for hook_id in hooks))
    return done


def _with_work(outgoing: Outgoing, holder: str) -> list[str]:
    now = outgoing.now()
    with outgoing.database.read() as connection:
        hooks = [hook for hook in webhooks.all_hooks(connection) if hook.active]
        found = [hook.id for hook in hooks if _has_work(connection, hook, now)]
    if found:
        with outgoing.database.write() as connection:
            if not hold(connection, LEASE, holder, now, LEASE_LENGTH):
                return []
    return found


def _has_work(connection: Connection, hook: Webhook, now: datetime) -> bool:
    waits = [DeliveryState.QUEUED, DeliveryState.RETRYING]
    held = webhooks.deliveries(connection, hook.id, waits, 1)
    if held:
        return held[0].state is DeliveryState.QUEUED or _is_due(held[0], now)
    return head_of(connection).seq > hook.sent_seq


def _is_due(one: Delivery, now: datetime) -> bool:
    """Say whether it is time, or the clock has gone back since it was put off."""
    return one.next_at <= now or one.next_at - now > LONGEST_WAIT


async def _drain(
    outgoing: Outgoing, hook_id: str, holder: str, most: int, done: Counter[str]
) -> None:
    for _ in range(most):
        message = await asyncio.to_thread(_next, outgoing, hook_id)
        if message is None:
            return
        headers = signed_headers(
            message.secret, event_id(message.entry.seq), message.body, outgoing.now()
        )
        answer = await outgoing.poster.post(message.hook.url, message.body, headers)
        outcome = await asyncio.to_thread(_settle, outgoing, holder, message, answer)
        done[outcome] += 1
        if outcome in ("failed", "lost"):
            return


def _next(outgoing: Outgoing, hook_id: str) -> _Message | None:
    """Return the next message of a receiver; None while there is none, or it must wait."""
    now = outgoing.now()
    while True:
        with outgoing.database.read() as connection:
            try:
                hook = webhooks.hook_of(connection, hook_id)
            except UnknownWebhook:
                return None
            if not hook.active:
                return None
            upto = min(hook.sent_seq + _LOOK, head_of(connection).seq)
            found = _found(connection, hook, upto, now)
            if found is not None:
                return _message(outgoing, connection, hook, *found)
            if _is_held(connection, hook) or upto == hook.sent_seq:
                return None
        with outgoing.database.write() as connection:
            webhooks.advance(connection, hook_id, upto)  # nothing that it asked for is among them


def _found(
    connection: Connection, hook: Webhook, upto: int, now: datetime
) -> tuple[Entry, Delivery | None] | None:
    queued = webhooks.deliveries(connection, hook.id, [DeliveryState.QUEUED], 1)
    held = webhooks.deliveries(connection, hook.id, [DeliveryState.RETRYING], 1)
    for one in (*queued, *(one for one in held if _is_due(one, now))):
        return entry_at(connection, one.seq), one
    if held:
        return None
    kinds = frozenset(hook.events) or _ALL
    entry = next_entry(connection, kinds, after=hook.sent_seq, upto=upto)
    return None if entry is None else (entry, None)


def _is_held(connection: Connection, hook: Webhook) -> bool:
    return bool(webhooks.deliveries(connection, hook.id, [DeliveryState.RETRYING], 1))


def _message(
    outgoing: Outgoing,
    connection: Connection,
    hook: Webhook,
    entry: Entry,
    before: Delivery | None,
) -> _Message:
    order_id = entry.event.order_id
    order = find(connection, order_id) if order_id else None
    secret = secret_of(connection, hook.id, outgoing.keys)
    return _Message(hook, entry, payload(entry, order), secret, before)


def _settle(outgoing: Outgoing, holder: str, message: _Message, answer: Answer) -> str:
    """Write what became of a message: taken, failed, dead; lost where the lease has gone."""
    now, seq, hook_id = outgoing.now(), message.entry.seq, message.hook.id
    with outgoing.database.write() as connection:
        is_ours = hold(connection, LEASE, holder, now, LEASE_LENGTH)
        try:
            webhooks.hook_of(connection, hook_id, for_update=True)
        except UnknownWebhook:
            return "lost"
        was_queued = message.before is not None and message.before.state is DeliveryState.QUEUED
        if answer.is_taken:
            outcome = "taken"
            if message.before is not None:
                kept = replace(message.before, state=DeliveryState.DELIVERED)
                webhooks.keep(connection, replace(kept, status=answer.status, error=""))
        else:
            one = _failed(message, answer, now)
            outcome = "dead" if one.state is DeliveryState.DEAD else "failed"
            webhooks.keep(connection, one)
        if outcome != "failed" and not was_queued:
            webhooks.advance(connection, hook_id, seq)
    return outcome if is_ours else "lost"


def _failed(message: _Message, answer: Answer, now: datetime) -> Delivery:
    hook_id, seq = message.hook.id, message.entry.seq
    before = message.before or Delivery(hook_id, seq, DeliveryState.RETRYING, 0, now, now, None, "")
    attempts = before.attempts + 1
    wait = wait_after(attempts, f"{hook_id} {seq}")
    gives_up = wait is None or before.state is DeliveryState.QUEUED
    return replace(
        before,
        state=DeliveryState.DEAD if gives_up else DeliveryState.RETRYING,
        attempts=attempts,
        next_at=now if wait is None else now + wait,
        status=answer.status,
        error=answer.error,
    )
