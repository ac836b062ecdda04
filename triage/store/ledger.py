"""The ledger: events appended in one line, each chained to the one before by its hash.

hash = SHA-256(previous hash ‖ seq, order, kind, time, actor, SHA-256(body)). A body whose time has
run out may be taken away; its digest, and with it the chain, stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import orjson
from sqlalchemy import Connection, Row, insert, select, update

from triage.store.instant import microseconds
from triage.store.tables import ledger, ledger_head
from triage.workorder.events import Event, Kind, canonical

GENESIS = bytes(32)
"""What the first event is chained to."""

Facts: TypeAlias = tuple[int, str, str, int, str]
"""seq, order, kind, microseconds, actor."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in its place; `body` of the event is {} where it was taken away (`is_purged`)."""

    seq: int
    event: Event
    is_purged: bool
    digest: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the ledger: keep it elsewhere, and a ledger cut short is found."""

    seq: int
    hash: bytes


def append(connection: Connection, events: Sequence[Event]) -> int:
    """Append events within the caller's transaction; return the last seq.

    The head stays locked until that transaction ends, so append late in it.
    """
    head = connection.execute(select(ledger_head).with_for_update()).one()
    seq, last = int(head.seq), bytes(head.hash)
    rows = []
    for event in events:
        seq += 1
        body = canonical(event.body)
        digest = hashlib.sha256(body).digest()
        last = chained(last, seq, event, digest)
        rows.append(
            {
                "seq": seq,
                "order_id": event.order_id,
                "kind": event.kind.value,
                "at": event.at,
                "actor": event.actor,
                "body": body.decode(),
                "digest": digest,
                "hash": last,
            }
        )
    if rows:
        connection.execute(insert(ledger), rows)
        connection.execute(update(ledger_head).values(seq=seq, hash=last))
    return seq


def chained(previous: bytes, seq: int, event: Event, digest: bytes) -> bytes:
    """Return the hash of an event that follows the one with hash `previous`."""
    facts = (seq, event.order_id, event.kind.value, microseconds(event.at), event.actor)
    return link(previous, facts, digest)


def link(previous: bytes, facts: Facts, digest: bytes) -> bytes:
    """Return the same hash from the facts as they lie in the table, whatever is in them."""
    return hashlib.sha256(previous + orjson.dumps(facts) + digest).digest()


def head_of(connection: Connection) -> Head:
    """Return the end of the ledger."""
    row = connection.execute(select(ledger_head)).one()
    return Head(int(row.seq), bytes(row.hash))


def events_of(connection: Connection, order_id: str) -> list[Entry]:
    """Return an order's events, oldest first; [] for an unknown order."""
    found = connection.execute(
        select(ledger).where(ledger.c.order_id == order_id).order_by(ledger.c.seq)
    )
    return [entry_of(row) for row in found]


def entries(connection: Connection, *, after: int = 0, batch: int = 5_000) -> Iterator[Entry]:
    """Give the whole ledger in order, a batch in memory at a time."""
    while True:
        rows = connection.execute(
            select(ledger).where(ledger.c.seq > after).order_by(ledger.c.seq).limit(batch)
        ).all()
        yield from (entry_of(row) for row in rows)
        if len(rows) < batch:
            return
        after = int(rows[-1].seq)


def next_entry(
    connection: Connection, kinds: Collection[str], *, after: int, upto: int
) -> Entry | None:
    """Return the first event of these kinds after one seq, up to and with another."""
    row = connection.execute(
        select(ledger)
        .where(ledger.c.seq > after, ledger.c.seq <= upto, ledger.c.kind.in_(kinds))
        .order_by(ledger.c.seq)
        .limit(1)
    ).first()
    return None if row is None else entry_of(row)


def entry_at(connection: Connection, seq: int) -> Entry:
    """Return the event in this place."""
    return entry_of(connection.execute(select(ledger).where(ledger.c.seq == seq)).one())


def entry_of(row: Row[tuple[object, ...]]) -> Entry:
    """Return the entry of a row of the table."""
    event = Event(
        row.order_id,
        Kind(row.kind),
        row.at,
        row.actor,
        orjson.loads(row.body) if row.body is not None else {},
    )
    return Entry(int(row.seq), event, row.body is None, bytes(row.digest), bytes(row.hash))
