"""Read the orders of a period in one pass: as they stand, or folded again from the ledger alone.

One batch is in memory at a time and everything is of one moment. What the orders say is not known
here: each comes with the events that `triage.workorder.order_facts` asks for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, TypeAlias

import orjson
from sqlalchemy import ColumnElement, Connection, Row, select

from triage.errors import TriageError
from triage.store.instant import as_stored, moment
from triage.store.tables import ledger, work_order
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder
from triage.workorder.order_facts import KINDS, SENDING
from triage.workorder.projection import fold
from triage.workorder.working_calendar import start_of_day

_BATCH = 500
"""Orders whose events are fetched at once: the ids of one go into one statement."""
_KEPT = frozenset(kind.value for kind in KINDS)
_WITH_BODY = frozenset(kind.value for kind in SENDING)

History: TypeAlias = tuple[WorkOrder, Sequence[Event]]


class HistoryPurged(TriageError):
    """Retention has taken what an order would be folded from."""

    code = "history_purged"


@dataclass(frozen=True, slots=True)
class Span:
    """Days in Shanghai on which orders were received, the last one included.

    No `units` (functional lines) or `regions` (codes) means all of them.
    """

    first: date
    last: date
    units: frozenset[str] = field(default_factory=frozenset)
    regions: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"{self.first} to {self.last}: the last day comes before the first")

    @property
    def begins(self) -> datetime:
        """0:00 of the first day."""
        return start_of_day(self.first)

    @property
    def ends(self) -> datetime:
        """24:00 of the last day."""
        return start_of_day(self.last + timedelta(days=1))

    def holds(self, order: WorkOrder) -> bool:
        """Say whether an order lies in it."""
        return (
            self.begins <= order.received_at < self.ends
            and (not self.units or order.lead in self.units)
            and (not self.regions or order.region in self.regions)
        )


def standing(connection: Connection, span: Span) -> Iterator[History]:
    """Give every order of the span as its document says, with its steps."""
    query = select(work_order.c.document).where(*_within(span)).order_by(work_order.c.id)
    with connection.execution_options(yield_per=_BATCH).execute(query) as found:
        for rows in found.partitions(_BATCH):
            orders = [WorkOrder.load(row.document) for row in rows]
            steps = _steps(connection, [order.id for order in orders])
            yield from ((order, steps[order.id]) for order in orders)


def documents(connection: Connection, span: Span) -> Iterator[WorkOrder]:
    """Give every order of the span, without its events."""
    query = select(work_order.c.document).where(*_within(span)).order_by(work_order.c.id)
    with connection.execution_options(yield_per=_BATCH).execute(query) as found:
        for row in found:
            yield WorkOrder.load(row.document)


def replayed(connection: Connection, span: Span) -> Iterator[History]:
    """Give the same from the ledger alone; the table of orders is not read. All of it is walked.

    Raises
    ------
    HistoryPurged
        Contents of an order have been taken away when their time was up.
    """
    query = (
        select(*as_stored(ledger))
        .where(ledger.c.order_id != "")
        .order_by(ledger.c.order_id, ledger.c.seq)
    )
    with connection.execution_options(yield_per=5_000).execute(query) as rows:
        for order_id, group in groupby(rows, lambda row: str(row.order_id)):
            history = [row for row in group if row.kind != Kind.READ.value]
            if any(row.body is None for row in history):
                raise HistoryPurged(
                    f"工单 {order_id} 在台账中的内容已按期限清除，不能只凭台账重算：请按现状计算"
                )
            order = fold(_event(row, with_body=True) for row in history)
            if span.holds(order):
                kept = (row for row in history if row.kind in _KEPT)
                yield order, [_event(row, with_body=row.kind in _WITH_BODY) for row in kept]


def _within(span: Span) -> list[ColumnElement[bool]]:
    column = work_order.c
    wanted: list[ColumnElement[bool]] = [
        column.received_at >= span.begins,
        column.received_at < span.ends,
    ]
    if span.units:
        wanted.append(column.lead.in_(span.units))
    if span.regions:
        wanted.append(column.region.in_(span.regions))
    return wanted


def _steps(connection: Connection, order_ids: Sequence[str]) -> dict[str, list[Event]]:
    """Return the events by order; `kind + ""` keeps SQLite from walking the index of all kinds."""
    query = (
        select(*as_stored(ledger))
        .where(ledger.c.order_id.in_(order_ids), (ledger.c.kind + "").in_(_KEPT))
        .order_by(ledger.c.order_id, ledger.c.seq)
    )
    found: dict[str, list[Event]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.order_id].append(_event(row, with_body=row.kind in _WITH_BODY))
    return found


def _event(row: Row[*tuple[Any, ...]], *, with_body: bool) -> Event:
    body = orjson.loads(row.body) if with_body and row.body is not None else {}
    return Event(row.order_id, Kind(row.kind), moment(row.at), row.actor, body)
