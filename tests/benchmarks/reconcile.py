"""What callers were told against what the store holds: lost, duplicated, illegal, unverified."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import groupby

from callers import Log, title_of
from sqlalchemy import func, select

from triage.store.database import Database
from triage.store.ledger import entry_of
from triage.store.tables import intake_key, ledger, work_order
from triage.store.verify import Verification, verify
from triage.workorder.events import Event, Kind
from triage.workorder.moves import move_table
from triage.workorder.order import WorkOrder
from triage.workorder.projection import apply
from triage.workorder.states import State

_MOVES = {(move.source, move.to, move.kind) for move in move_table().moves}


@dataclass(frozen=True, slots=True)
class Balance:
    """Counts; all but `acknowledged`, `orders` and `events` must be 0."""

    acknowledged: int
    orders: int
    events: int
    lost: int
    duplicated: int
    illegal: int
    contradictions: int
    unexpected: int
    differences: int

    @property
    def is_clean(self) -> bool:
        """Nothing is wrong."""
        named = ("lost", "duplicated", "illegal", "contradictions", "unexpected", "differences")
        return not any(getattr(self, name) for name in named)

    def to_json(self) -> dict[str, int]:
        """Return the counts."""
        return asdict(self)


def reconcile(database: Database, log: Log) -> Balance:
    """Compare a log with the whole store."""
    seen = Verification()
    differences = sum(1 for _ in verify(database, seen=seen))
    titles, versions = _standing(database)
    lost = sum(1 for order_id, told in log.versions.items() if versions.get(order_id, 0) < told)
    lost += sum(
        1 for serial, order_id in log.orders.items() if titles.get(order_id) != title_of(serial)
    )
    return Balance(
        acknowledged=len(log.orders),
        orders=len(versions),
        events=seen.events,
        lost=lost,
        duplicated=_duplicated(database, titles),
        illegal=illegal_states(database),
        contradictions=len(log.contradictions),
        unexpected=len(log.unexpected),
        differences=differences,
    )


def _standing(database: Database) -> tuple[dict[str, str], dict[str, int]]:
    titles, versions = {}, {}
    with database.read() as connection:
        for document in connection.execute(select(work_order.c.document)).scalars():
            order = WorkOrder.load(document)
            titles[order.id], versions[order.id] = order.title, order.version
    return titles, versions


def _duplicated(database: Database, titles: dict[str, str]) -> int:
    """Return how many orders are a second one of the same request, by title and by key."""
    with database.read() as connection:
        keyed = connection.execute(
            select(func.count(intake_key.c.order_id.distinct()))
        ).scalar_one()
    by_title = len(titles) - len(set(titles.values()))
    return max(by_title, len(titles) - int(keyed))


def illegal_states(database: Database) -> int:
    """Return how many steps of any order's history the table of moves does not hold."""
    wrong = 0
    with database.read() as connection:
        rows = connection.execute(
            select(ledger).where(ledger.c.order_id != "").order_by(ledger.c.order_id, ledger.c.seq)
        )
        for _, history in groupby(rows, lambda row: row.order_id):
            wrong += _illegal([entry_of(row).event for row in history])
    return wrong


def _illegal(history: list[Event]) -> int:
    wrong, order = 0, None
    for event in history:
        before = None if order is None else order.state
        order = apply(order, event)
        is_begin = before is None and order.state is State.RECEIVED
        is_still = before is order.state and event.kind not in (Kind.SUGGEST, Kind.MANUAL)
        wrong += not (is_begin or is_still or (before, order.state, event.kind) in _MOVES)
    return wrong
