"""Take away what has run out, class by class, and write into the ledger that it was done.

Each batch is a transaction together with its PURGE event, so that killed half-way no body is ever
gone without a record; the next run goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.request import Json
from triage.store.database import Database
from triage.store.expiry import Taken, count_due, leave_no_words, take_away
from triage.store.ledger import append
from triage.store.policy import Policy, RecordClass
from triage.workorder.events import Event, Kind

ACTOR = "retention"
BATCH = 1_000
"""Records in one transaction: the service waits for no longer than one batch takes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What of a class ran out before a time: records, and of order texts, orders."""

    record_class: RecordClass
    before: datetime
    count: int


def due(database: Database, policy: Policy, now: datetime) -> list[Outcome]:
    """Return what has run out, and take nothing away.

    Raises
    ------
    StoreUnavailable
    """
    with database.snapshot() as connection:
        return [
            Outcome(one, now - period, count_due(connection, one, now - period))
            for one, period in policy.periods.items()
        ]


def retain(
    database: Database, policy: Policy, now: datetime, *, batch: int = BATCH
) -> Iterator[Outcome]:
    """Take away what has run out, and give each class when it is done.

    Raises
    ------
    StoreUnavailable
    """
    with database.write() as connection:
        leave_no_words(connection)
    for one, period in policy.periods.items():
        yield Outcome(one, now - period, _class(database, one, now - period, now, batch))


def _class(
    database: Database, one: RecordClass, before: datetime, now: datetime, batch: int
) -> int:
    total = 0
    while True:
        with database.write() as connection:
            taken = take_away(connection, one, before, batch)
            if taken.count:
                _record(connection, one, before, now, taken)
        total += taken.count
        if taken.count < batch:
            return total


def _record(
    connection: Connection, one: RecordClass, before: datetime, now: datetime, taken: Taken
) -> None:
    bodies: dict[str, Json] = {**taken.bodies}
    body: dict[str, Json] = {
        "class": one.value,
        "count": taken.count,
        "before": before.isoformat(),
        "bodies": bodies,
    }
    append(connection, [Event("", Kind.PURGE, now, ACTOR, body)])
