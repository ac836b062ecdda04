"""A deed that a caller names by an Idempotency-Key is done once, however often it is sent.

What it made is remembered by id in the deed's own transaction; the second caller gets the same
orders as they stand by then. The keys are those of intake, under a kind of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from triage.desk.actor import Actor, check_reach
from triage.desk.intake import KeyReused
from triage.desk.office import Office
from triage.errors import TriageError
from triage.request import Json
from triage.store.intake_keys import IntakeKey, answer_to, remember
from triage.store.orders import find, find_all
from triage.workorder.order import WorkOrder

DEED = "deed"
Deed = Callable[[Connection], list[WorkOrder]]


@dataclass(frozen=True, slots=True)
class Sent:
    """A deed as it was sent: by whom, under which key ("" for none), what of which order."""

    actor: Actor
    key: str
    order_id: str
    content: Mapping[str, Json]

    def digest(self) -> bytes:
        """Return SHA-256 of what was asked for: the same key for anything else is refused."""
        asked = {"order": self.order_id, "content": {**self.content}}
        return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).digest()


def once(office: Office, sent: Sent, deed: Deed) -> list[WorkOrder]:
    """Do a deed, or return what came of it when it was sent before; durable when this returns.

    Raises
    ------
    KeyReused
        The key came with something else before.
    NotAllowed
        What came of it lies out of the caller's reach by now.
    TriageError
        What the deed raises; then the key is free again.
    StoreUnavailable
    """
    try:
        return _attempt(office, sent, deed)
    except (IntegrityError, TriageError):
        # Whoever sent the same at the same moment may have done it: then this one is no error.
        done = _done_meanwhile(office, sent)
        if done is None:
            raise
        return done


def _attempt(office: Office, sent: Sent, deed: Deed) -> list[WorkOrder]:
    with office.database.write() as connection:
        if not sent.key:
            return deed(connection)
        done = _replayed(connection, sent)
        if done is not None:
            return done
        made = deed(connection)
        answer = orjson.dumps([order.id for order in made])
        key = _key(sent)
        remember(connection, [key], sent.order_id, sent.digest(), answer, office.now())
        return made


def _done_meanwhile(office: Office, sent: Sent) -> list[WorkOrder] | None:
    """Look the key up in a transaction of its own, which sees what others have committed."""
    if not sent.key:
        return None
    with office.database.read() as connection:
        return _replayed(connection, sent)


def _replayed(connection: Connection, sent: Sent) -> list[WorkOrder] | None:
    """Return what the key led to, as it stands now; None for a new key."""
    found = answer_to(connection, _key(sent))
    if found is None:
        return None
    if found.digest != sent.digest():
        raise KeyReused(
            "这个 Idempotency-Key 已用于另一个内容不同的操作：请换一个新的",
            field="Idempotency-Key",
        )
    ids: list[str] = orjson.loads(found.answer)
    orders = find_all(connection, ids)
    sent_out = [order for order in orders.values() if order.holders]  # parts begin with none
    for order in (find(connection, sent.order_id), *sent_out):
        check_reach(order, sent.actor)
    return [orders[one] for one in ids]


def _key(sent: Sent) -> IntakeKey:
    return IntakeKey(DEED, sent.actor.id, sent.key)
