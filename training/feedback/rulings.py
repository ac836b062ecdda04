"""What people ruled of pairs of orders, for training: 并单 says one event, 拆单 says not.

The last word on a pair counts. Pairs go out as judged pairs (`evaluation.judged_pairs`) beside the
masked texts that they are of, which `triage encoder tune --contrast same-event` reads. A pair of
which a text was purged teaches nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
from sqlalchemy import Connection, select

from evaluation.judged_pairs import COLUMNS, RELATED, SAME_EVENT
from triage.files import atomic_write
from triage.store.database import Database
from triage.store.ledger import entry_of
from triage.store.orders import find_all
from triage.store.tables import ledger
from triage.workorder.events import Kind
from triage.workorder.order import WorkOrder

PAIRS, TEXTS = "rulings.csv", "rulings.jsonl"
_RULED = (Kind.MERGE.value, Kind.UNMERGE.value)
_AT_ONCE = 500

Ruled = dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Rulings:
    """How many pairs were written: put together, and taken apart."""

    merged: int
    split: int


def harvest_rulings(database: Database, out: Path) -> Rulings:
    """Write the pairs and their texts into a folder.

    Raises
    ------
    UnusableFile
        `out` cannot be written.
    StoreUnavailable
    """
    with database.snapshot() as connection:
        ruled = _ruled(connection)
        orders = _orders(connection, {id for pair in ruled for id in pair})
    told = {pair: label for pair, label in ruled.items() if all(one in orders for one in pair)}
    component = _components(told)
    rows = io.StringIO()
    table = csv.writer(rows, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows([one, other, n, component[one]] for (one, other), n in sorted(told.items()))
    used = sorted({id for pair in told for id in pair})
    with atomic_write(out / PAIRS, mode=0o600) as file:
        file.write(rows.getvalue().encode())
    with atomic_write(out / TEXTS, mode=0o600) as file:
        for id in used:
            file.write(orjson.dumps(_line(orders[id]), option=orjson.OPT_APPEND_NEWLINE))
    merged = sum(label == SAME_EVENT for label in told.values())
    return Rulings(merged, len(told) - merged)


def _ruled(connection: Connection) -> Ruled:
    """Return (order, main order) → label, the last word on each pair, either way round."""
    found: Ruled = {}
    rows = connection.execute(
        select(ledger)
        .where(ledger.c.kind.in_(_RULED), ledger.c.body.is_not(None))
        .order_by(ledger.c.seq)
    )
    for event in (entry_of(row).event for row in rows):
        is_merge = event.kind is Kind.MERGE
        other = str(event.body.get("into" if is_merge else "was_in", ""))
        if other:
            found.pop((other, event.order_id), None)
            found[event.order_id, other] = SAME_EVENT if is_merge else RELATED
    return found


def _orders(connection: Connection, ids: Iterable[str]) -> dict[str, WorkOrder]:
    """Return the orders that still have words, by id."""
    wanted, found = sorted(ids), dict[str, WorkOrder]()
    for start in range(0, len(wanted), _AT_ONCE):
        found |= find_all(connection, wanted[start : start + _AT_ONCE])
    return {id: order for id, order in found.items() if order.text}


def _components(pairs: Mapping[tuple[str, str], int]) -> dict[str, str]:
    """Return what joins all that is one event: the least id among those put together."""
    of: dict[str, set[str]] = {id: {id} for pair in pairs for id in pair}
    for (one, other), label in pairs.items():
        if label == SAME_EVENT and of[one] is not of[other]:
            joined = of[one] | of[other]
            of.update(dict.fromkeys(joined, joined))
    return {id: min(members) for id, members in of.items()}


def _line(order: WorkOrder) -> dict[str, str]:
    return {
        "id": order.id,
        "title": order.title,
        "text": order.text,
        "received_at": order.received_at.isoformat(),
    }
