"""What is done with the keys of the vault, as events of the ledger: who, when, which key.

A secret is not known here; the file of keys is `key_file`, the texts under them are `vault`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from triage.store.ledger import append
from triage.workorder.events import Event, Kind


class KeyDeed(StrEnum):
    """What is done with a key: texts are moved under it, or it is dropped for good."""

    ROTATE = "rotate"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class KeyKeeper:
    """Who works with the keys, and when (aware UTC)."""

    user: str
    at: datetime


def note_key(
    connection: Connection, deed: KeyDeed, key_id: str, by: KeyKeeper, *, count: int
) -> None:
    """Append what was done with a key in the caller's transaction; nothing where `count` is 0.

    `count` is the number of texts sealed again, or of keys dropped.
    """
    if count:
        body = {"deed": deed.value, "key_id": key_id, "count": count}
        append(connection, [Event("", Kind.KEY, by.at, by.user, body)])
