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

from triage.desk.intake import KeyReused
from triage.desk.office import Office
from triage.request import Json
from triage.store.intake_keys import IntakeKey, answer_to, remember
from triage.store.orders import find_all
from triage.workorder.order import WorkOrder

DEED = "deed"
Deed = Callable[[Connection], list[WorkOrder]]


@dataclass(frozen=True, slots=True)
class Sent:
    """A deed as it was sent: by whom, under which key ("" for none), what of which order."""

    actor: str
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
    TriageError
        What the deed raises; then the key is free again.
    StoreUnavailable
    """
    try:
        return _attempt(office, sent, deed)
    except IntegrityError:
        if not sent.key:
            raise
        return _attempt(office, sent, deed)  # somebody sent the same at the same moment: it is done


def _attempt(office: Office, sent: Sent, deed: Deed) -> list[WorkOrder]:
    with office.database.write() as connection:
        if not sent.key:
            return deed(connection)
        key = IntakeKey(DEED, sent.actor, sent.key)
        found = answer_to(connection, key)
        if found is None:
            made = deed(connection)
            answer = orjson.dumps([order.id for order in made])
            remember(connection, [key], sent.order_id, sent.digest(), answer, office.now())
            return made
        if found.digest != sent.digest():
            raise KeyReused(
                "这个 Idempotency-Key 已用于另一个内容不同的操作：请换一个新的",
                field="Idempotency-Key",
            )
        ids: list[str] = orjson.loads(found.answer)
        orders = find_all(connection, ids)
        return [orders[one] for one in ids]
