"""Keys that make intake idempotent, each with the order it made and what its sender was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from triage.store.tables import intake_key


@dataclass(frozen=True, slots=True)
class IntakeKey:
    """`kind` is idempotency or source; `scope` is who sends, `value` what they call the record."""

    kind: str
    scope: str
    value: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a key led to: `digest` is SHA-256 of the record, `answer` the JSON that was sent."""

    order_id: str
    digest: bytes
    answer: bytes


def answer_to(connection: Connection, key: IntakeKey) -> Remembered | None:
    """Return what the first record with this key led to; None for a new key."""
    columns = intake_key.c
    row = connection.execute(
        select(columns.order_id, columns.digest, columns.answer).where(
            columns.kind == key.kind, columns.scope == key.scope, columns.value == key.value
        )
    ).first()
    return Remembered(row.order_id, bytes(row.digest), row.answer.encode()) if row else None


def remember(
    connection: Connection,
    keys: Sequence[IntakeKey],
    order_id: str,
    digest: bytes,
    answer: bytes,
    at: datetime,
) -> None:
    """Keep keys within the caller's transaction.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        Somebody else was first with one of them.
    """
    for key in keys:
        connection.execute(
            insert(intake_key).values(
                kind=key.kind,
                scope=key.scope,
                value=key.value,
                order_id=order_id,
                digest=digest,
                answer=answer.decode(),
                at=at,
            )
        )
