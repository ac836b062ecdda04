"""Invented orders that have had their lives, with all their events, written straight into tables.

One month is made here, event by event; other months are that one, copied by the database. There is
no hash chain and no queue: what reads a period needs neither.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, text, update

from triage.catalogue import Catalogue, TopicEntry
from triage.request import Json
from triage.store.database import Database
from triage.store.ledger import head_of
from triage.store.orders import row_of
from triage.store.tables import ledger, ledger_head, work_order
from triage.workorder.events import Event, Kind, canonical
from triage.workorder.projection import fold

SEED = 11
START = datetime(2026, 9, 30, 16, tzinfo=UTC)
"""0:00 of 1 October in Shanghai; orders come in evenly through the month."""
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
_MONTH = timedelta(days=31)
_TYPES = ("CONSULT", "HELP", "COMPLAINT", "SUGGEST")
_OUTCOMES = ("SATISFIED", "SATISFIED", "SATISFIED", "NEUTRAL", "DISSATISFIED", "UNREACHABLE")
_BATCH = 5_000


def fill_month(database: Database, orders: int, catalogue: Catalogue) -> int:
    """Write the orders of October 2026 and their events; return how many events."""
    rng = random.Random(SEED)
    with database.read() as connection:
        seq = begun = head_of(connection).seq
    topics, units = list(catalogue.topics.values()), list(catalogue.units)
    regions = [one.code for one in catalogue.places.districts(FIRST)]
    for begin in range(0, orders, _BATCH):
        events, rows = [], []
        for number in range(begin, min(begin + _BATCH, orders)):
            at = START + _MONTH * (number / orders)
            life = list(_life(f"W00{number:07d}", at, rng, topics, units, regions))
            rows.append(row_of(fold(life)))
            for event in life:
                seq += 1
                events.append(_row(seq, event))
        with database.write() as connection:
            connection.execute(insert(work_order), rows)
            connection.execute(insert(ledger), events)
            connection.execute(update(ledger_head).values(seq=seq))
    return seq - begun


def copy_month(database: Database, number: int, months_before: int, events: int) -> None:
    """Write the month again as an earlier one: orders `W<number>…`; PostgreSQL only.

    `events` is what `fill_month` returned; a copy's document keeps the times of its model.
    """
    shift = {
        "number": f"W{number:02d}",
        "back": months_before * _MONTH // timedelta(microseconds=1),
    }
    with database.write() as connection:
        begin = head_of(connection).seq
        connection.execute(text(_ORDERS), shift)
        connection.execute(text(_EVENTS), shift | {"begin": begin})
        connection.execute(update(ledger_head).values(seq=begin + events))


_ORDERS = """
INSERT INTO work_order
SELECT :number || substr(id, 4), :number || substr(id, 4), state, is_open, version,
       received_at - :back, due_at - :back, closed_at - :back, source, lead, region, level, topic,
       requester, parent_id, replace(document, id, :number || substr(id, 4))
FROM work_order WHERE id LIKE 'W00%'
"""
_EVENTS = """
INSERT INTO ledger (seq, order_id, kind, at, actor, body, digest, hash)
SELECT :begin + row_number() OVER (ORDER BY seq), :number || substr(order_id, 4), kind, at - :back,
       actor, body, digest, hash
FROM ledger WHERE order_id LIKE 'W00%'
"""


def _row(seq: int, event: Event) -> dict[str, object]:
    return {
        "seq": seq,
        "order_id": event.order_id,
        "kind": event.kind.value,
        "at": event.at,
        "actor": event.actor,
        "body": canonical(event.body).decode(),
        "digest": b"",
        "hash": b"",
    }


def _life(
    order_id: str,
    at: datetime,
    rng: random.Random,
    topics: list[TopicEntry],
    units: list[str],
    regions: list[str],
) -> Iterator[Event]:
    topic, region = rng.choice(topics), rng.choice(regions)
    level = rng.choice(("district", "district", "township", "city"))
    where: dict[str, Json] = {"region": region, "level": level}
    due = at + timedelta(days=rng.choice((3, 7, 15)))

    def event(kind: Kind, hours: float, **body: Json) -> Event:
        nonlocal at
        at += timedelta(hours=rng.expovariate(1 / hours))
        return Event(order_id, kind, at, "u", body)

    yield Event(order_id, Kind.INTAKE, at, "u", {
        "query_code": order_id, "received_at": at.isoformat(), "due_at": due.isoformat(),
        "text": "小区门口的路灯不亮一个月了，请核实处理。" * 3, "source": "12345",
        "requester": f"{rng.randrange(150_000):032x}", "repeats": rng.choice((0, 0, 0, 1)),
    })  # fmt: skip
    yield event(Kind.SUGGEST, 0.1, topic=topic.code, request_type=rng.choice(_TYPES),
                urgency=rng.choice((1, 2, 3, 3, 3)), **where)  # fmt: skip
    yield event(Kind.DISPATCH, 2, unit=topic.lead, **where)
    while rng.random() < 0.12:
        yield event(Kind.REJECT, 8, reason="WRONG_DUTY", basis="x")
        yield event(Kind.REASSIGN, 4, unit=rng.choice(units), **where)
    yield event(Kind.HANDLE, 6)
    if rng.random() < 0.05:
        return
    yield event(Kind.REPLY, 60, note="已处理")
    if rng.random() < 0.9:
        yield event(Kind.FOLLOW_UP, 24, reason=rng.choice(_OUTCOMES))
        yield event(Kind.CLOSE, 1)
