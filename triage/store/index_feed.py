"""What the index of orders reads of the ledger: masked texts that came, and texts that went.

The ledger's numbers grow in the order of commits (its head is locked while events are appended),
so whoever has read up to one number has missed nothing before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, select

from triage.store.policy import RecordClass
from triage.store.tables import ledger, ledger_head
from triage.workorder.events import Kind

BATCH = 2_000
"""Orders read at once: some 4 MB of bodies."""
_KINDS = (Kind.INTAKE.value, Kind.PURGE.value)


@dataclass(frozen=True, slots=True)
class Told:
    """The masked words of an order as it was taken in."""

    order_id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class News:
    """What is new up to and with event `seq`, whose hash is `hash`; `has_purge`: texts went."""

    seq: int
    hash: str
    told: tuple[Told, ...]
    has_purge: bool


def news(connection: Connection, *, after: int, batch: int = BATCH) -> News:
    """Return the next orders after an event, no more than `batch`; the same place if none."""
    head = int(connection.execute(select(ledger_head.c.seq)).scalar_one())
    columns = ledger.c
    rows = connection.execute(
        select(columns.seq, columns.order_id, columns.kind, columns.body)
        .where(columns.seq > after, columns.seq <= head, columns.kind.in_(_KINDS))
        .order_by(columns.seq)
        .limit(batch)
    ).all()
    reached = int(rows[-1].seq) if len(rows) == batch else max(head, after)
    bodies = [(row, orjson.loads(row.body)) for row in rows if row.body is not None]
    told = tuple(
        Told(row.order_id, str(body.get("title", "")), str(body.get("text", "")))
        for row, body in bodies
        if row.kind == Kind.INTAKE.value
    )
    has_purge = any(row.kind == Kind.PURGE.value and _is_of_words(body) for row, body in bodies)
    return News(reached, hash_at(connection, reached) or "", told, has_purge)


def head_at(connection: Connection) -> int:
    """Return the number of the last event."""
    return int(connection.execute(select(ledger_head.c.seq)).scalar_one())


def last_purge(connection: Connection) -> int:
    """Return the number of the last event that took words of orders away; 0 for none."""
    columns = ledger.c
    rows = connection.execute(
        select(columns.seq, columns.body)
        .where(columns.kind == Kind.PURGE.value, columns.body.is_not(None))
        .order_by(columns.seq.desc())
    )
    return next((int(row.seq) for row in rows if _is_of_words(orjson.loads(row.body))), 0)


def hash_at(connection: Connection, seq: int) -> str | None:
    """Return the hash of an event in hexadecimal digits; None where there is no such event."""
    found = connection.execute(select(ledger.c.hash).where(ledger.c.seq == seq)).scalar()
    return None if found is None else bytes(found).hex()


def wordless(connection: Connection) -> list[str]:
    """Return the orders whose words a retention class has taken away."""
    query = select(ledger.c.order_id).where(
        ledger.c.kind == Kind.INTAKE.value, ledger.c.body.is_(None)
    )
    return list(connection.execute(query).scalars())


def _is_of_words(body: Mapping[str, object]) -> bool:
    return body.get("class") == RecordClass.ORDER_TEXTS.value
