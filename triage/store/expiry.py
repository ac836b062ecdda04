"""What of each class of record has run out before a time, and taking a batch of it away.

Rows of the ledger stay: only their bodies go, so that the chain still verifies. It knows neither
periods (`policy`) nor what is written down about it (`retention`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    and_,
    delete,
    func,
    select,
    tuple_,
    update,
)

from triage.store.event_tables import event_member
from triage.store.expiry_rows import WHOLE_ROWS, ended_before
from triage.store.orders import row_of
from triage.store.policy import RecordClass
from triage.store.tables import ledger, queue_entry, queue_floor, vault, work_order
from triage.workorder.events import Kind
from triage.workorder.order import WorkOrder

Keys: TypeAlias = Sequence[Row[*tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Taken:
    """How many records went; `bodies` counts those of the ledger by kind of event."""

    count: int
    bodies: Mapping[str, int] = field(default_factory=dict)


def count_due(connection: Connection, record_class: RecordClass, before: datetime) -> int:
    """Return how many records of a class have run out; of order texts, how many orders."""
    due = _DUE[record_class](before).subquery()
    return int(connection.execute(select(func.count()).select_from(due)).scalar_one())


def take_away(
    connection: Connection, record_class: RecordClass, before: datetime, batch: int
) -> Taken:
    """Take up to `batch` records of a class away; fewer says that none is left."""
    keys = connection.execute(_DUE[record_class](before).limit(batch)).all()
    return _TAKE[record_class](connection, keys) if keys else Taken(0)


def leave_no_words(connection: Connection) -> None:
    """Take the words of purged orders from where an older program, or a late follower, left them.

    An object's name is a word of the text.
    """
    wordless = select(ledger.c.order_id).where(
        ledger.c.kind == Kind.INTAKE.value, ledger.c.body.is_(None)
    )
    of_these = event_member.c.order_id.in_(wordless)
    connection.execute(
        update(event_member).where(event_member.c.problem != "", of_these).values(problem="")
    )


def _originals(before: datetime) -> Select[*tuple[Any, ...]]:
    joined = vault.join(work_order, work_order.c.id == vault.c.order_id)
    keys = select(vault.c.order_id, vault.c.field).select_from(joined)
    return keys.where(ended_before(before))


def _reads(before: datetime) -> Select[*tuple[Any, ...]]:
    of_reading = and_(ledger.c.kind == Kind.READ.value, ledger.c.at < before)
    return select(ledger.c.seq, ledger.c.kind).where(of_reading, ledger.c.body.is_not(None))


def _texts(before: datetime) -> Select[*tuple[Any, ...]]:
    kept = select(ledger.c.seq).where(ledger.c.order_id == work_order.c.id, _has_text())
    return select(work_order.c.id).where(ended_before(before), kept.exists())


def _places(before: datetime) -> Select[*tuple[Any, ...]]:
    last = select(func.max(ledger.c.seq)).where(ledger.c.at < before).scalar_subquery()
    entry = queue_entry.c
    keys = select(entry.order_id, entry.from_seq, entry.to_seq).where(entry.to_seq <= last)
    return keys.order_by(entry.to_seq)  # so that the floor may rise with each batch


def _has_text() -> ColumnElement[bool]:
    return and_(ledger.c.body.is_not(None), ledger.c.kind != Kind.READ.value)


def _delete_from(table: Table) -> Callable[[Connection, Keys], Taken]:
    def deleted(connection: Connection, keys: Keys) -> Taken:
        primary = tuple_(*table.primary_key.columns)
        connection.execute(delete(table).where(primary.in_([tuple(key) for key in keys])))
        return Taken(len(keys))

    return deleted


def _leave_places(connection: Connection, keys: Keys) -> Taken:
    """Delete these places, and raise the floor below which no page of the queue can be made."""
    entry, floor = queue_entry.c, max(int(key.to_seq) for key in keys)
    seats = [(key.order_id, key.from_seq) for key in keys]
    connection.execute(delete(queue_entry).where(tuple_(entry.order_id, entry.from_seq).in_(seats)))
    connection.execute(update(queue_floor).where(queue_floor.c.seq < floor).values(seq=floor))
    return Taken(len(keys))


def _empty_bodies(connection: Connection, keys: Keys) -> Taken:
    """Null the bodies of the events with these (seq, kind)."""
    seqs = [key.seq for key in keys]
    connection.execute(update(ledger).where(ledger.c.seq.in_(seqs)).values(body=None))
    return Taken(len(keys), Counter(str(key.kind) for key in keys))


def _empty_orders(connection: Connection, keys: Keys) -> Taken:
    """Null what the ledger says of these orders, the texts of their present state, their object."""
    ids = [key.id for key in keys]
    documents = (
        select(work_order.c.id, work_order.c.document)
        .where(work_order.c.id.in_(ids))
        .order_by(work_order.c.id)
        .with_for_update()  # before anything is read: nobody changes them meanwhile
    )
    rows = connection.execute(documents).all()
    events = connection.execute(
        select(ledger.c.seq, ledger.c.kind).where(ledger.c.order_id.in_(ids), _has_text())
    ).all()
    bodies: Counter[str] = Counter()
    for start in range(0, len(events), 5_000):
        bodies.update(_empty_bodies(connection, events[start : start + 5_000]).bodies)
    for row in rows:
        bare = replace(
            WorkOrder.load(row.document), title="", text="", reply="", waiver="", requester=""
        )
        connection.execute(
            update(work_order).where(work_order.c.id == row.id).values(**row_of(bare))
        )
    of_these = update(event_member).where(event_member.c.order_id.in_(ids))
    connection.execute(of_these.values(problem=""))  # an object's name is a word of the text
    return Taken(len(keys), bodies)


_DUE: Mapping[RecordClass, Callable[[datetime], Select[*tuple[Any, ...]]]] = {
    RecordClass.VAULT_ORIGINALS: _originals,
    RecordClass.ACCESS_LOGS: _reads,
    RecordClass.ORDER_TEXTS: _texts,
    RecordClass.QUEUE_PLACES: _places,
    **{name: rows.due for name, rows in WHOLE_ROWS.items()},
}

_TAKE: Mapping[RecordClass, Callable[[Connection, Keys], Taken]] = {
    RecordClass.VAULT_ORIGINALS: _delete_from(vault),
    RecordClass.ACCESS_LOGS: _empty_bodies,
    RecordClass.ORDER_TEXTS: _empty_orders,
    RecordClass.QUEUE_PLACES: _leave_places,
    **{name: _delete_from(rows.table) for name, rows in WHOLE_ROWS.items()},
}
