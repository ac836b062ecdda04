"""The ledger read into an index: in a running process, or into a new snapshot.

Nothing is acknowledged here: the ledger is what is durable, and the index whatever can be read of
it again. A snapshot says how far it has read, so no order is missed or read twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from triage.desk.sight import Sight
from triage.index import IndexRefused, Mark, OrderIndex, Printed, Snapshots
from triage.index.segment import Segment
from triage.store.database import Database
from triage.store.index_feed import News, hash_at, news, wordless

LEAST = 1_000
"""Orders from which on a snapshot is written: fewer are read again in a second."""


class _Taking(Protocol):
    """What orders are read into: an index, or a snapshot in the making."""

    def add(self, printed: Printed) -> None:
        """Add or replace orders."""

    def remove(self, ids: list[str]) -> None:
        """Take orders out."""


def catch_up(database: Database, index: OrderIndex, sight: Sight) -> int:
    """Read all that is new into an index; return how many orders that was.

    Raises
    ------
    StoreUnavailable
        What was read until then is in; the next call goes on from there.
    """
    count = 0
    for found in all_news(database, index.mark.position):
        count += _take(database, index, sight, found)
        index.mark = Mark(found.seq, found.hash)
    return count


def build(
    database: Database,
    snapshots: Snapshots,
    sight: Sight,
    *,
    anew: bool = False,
    least: int = LEAST,
) -> Path | None:
    """Write a snapshot of all orders; None where they are fewer than `least`. Hold the lock.

    Parameters
    ----------
    anew
        Read the whole ledger; else only what came since the last sound snapshot.

    Raises
    ------
    StoreUnavailable
    """
    before = None if anew else open_sound(database, snapshots)

    def fill(growing: _Taking) -> Mark:
        mark = before.facts.mark if before else Mark()
        for found in all_news(database, mark.position):
            _take(database, growing, sight, found)
            mark = Mark(found.seq, found.hash)
        return mark

    return snapshots.write(before, fill, least=least)


def open_sound(database: Database, snapshots: Snapshots) -> Segment | None:
    """Open the newest sound snapshot of this database; None where there is none.

    Raises
    ------
    StoreUnavailable
    """
    try:
        return snapshots.open(lambda mark: is_of(database, mark))
    except IndexRefused:
        return None  # logged; what it held is read again


def is_of(database: Database, mark: Mark) -> bool:
    """Say whether the ledger of a database has this event.

    Raises
    ------
    StoreUnavailable
    """
    with database.read() as connection:
        return mark.position == 0 or hash_at(connection, mark.position) == mark.hash


def all_news(database: Database, after: int) -> Iterator[News]:
    """Yield what is new after an event, some at a time.

    Raises
    ------
    StoreUnavailable
    """
    while True:
        with database.read() as connection:
            found = news(connection, after=after)
        if found.seq == after:
            return
        yield found
        after = found.seq


def _take(database: Database, into: _Taking, sight: Sight, found: News) -> int:
    if found.told:
        into.add(sight.printed(found.told))
    if found.has_purge:
        sight.forget()
        with database.read() as connection:
            gone = wordless(connection)
        into.remove(gone)
    return len(found.told)
