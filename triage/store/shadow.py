"""Shadow predictions in the store: how far a challenger came, what it said beside the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, func, select

from triage.request import Json
from triage.store.ledger import Entry, entry_of
from triage.store.shadow_tables import shadow
from triage.store.tables import ledger
from triage.store.upsert import upsert
from triage.workorder.events import Kind


@dataclass(frozen=True, slots=True)
class Shade:
    """What a challenger says of an order; `seq` is the event with what the model in use said."""

    model: str
    order_id: str
    seq: int
    at: datetime
    said: Mapping[str, Json]


def last_seq(connection: Connection, model: str) -> int | None:
    """Return the last prediction that a challenger stood beside; None before the first."""
    query = select(func.max(shadow.c.seq)).where(shadow.c.model == model)
    found = connection.execute(query).scalar()
    return None if found is None else int(found)


def predictions_after(connection: Connection, seq: int, limit: int) -> list[Entry]:
    """Return the next predictions of the models in use, oldest first."""
    rows = connection.execute(
        select(ledger)
        .where(ledger.c.seq > seq, ledger.c.kind == Kind.PREDICTION.value)
        .order_by(ledger.c.seq)
        .limit(limit)
    )
    return [entry_of(row) for row in rows]


def keep(connection: Connection, shades: Sequence[Shade]) -> None:
    """Write what a challenger said."""
    rows = [
        {
            "model": one.model,
            "order_id": one.order_id,
            "seq": one.seq,
            "at": one.at,
            "said": orjson.dumps(dict(one.said)).decode(),
        }
        for one in shades
    ]
    upsert(connection, shadow, rows)


def pairs(connection: Connection, model: str) -> Iterator[tuple[Shade, Entry]]:
    """Give what a challenger said, each with the prediction of the model in use."""
    query = (
        select(shadow.c.said, shadow.c.at.label("shaded_at"), ledger)
        .join(ledger, ledger.c.seq == shadow.c.seq)
        .where(shadow.c.model == model)
        .order_by(shadow.c.seq)
    )
    for row in connection.execution_options(yield_per=500).execute(query):
        said = orjson.loads(row.said)
        yield Shade(model, row.order_id, int(row.seq), row.shaded_at, said), entry_of(row)
