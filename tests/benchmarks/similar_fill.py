"""A store full of past orders with words of their own, written straight into ledger and tables.

One order goes through the desk; the others are that one with the words, places and times of a
simulated city. The ledger gets the intake of each, chained as always, and no other event.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

from callers import body_of
from sqlalchemy import insert

from triage.desk.intake import receive
from triage.desk.opening import OfficeFiles, load_city, open_office
from triage.desk.record import parse_intake
from triage.simulate import CityPlan, simulate_city
from triage.store.database import Database
from triage.store.key_file import load_keys
from triage.store.ledger import append
from triage.store.orders import find, row_of
from triage.store.preparing import prepare_store
from triage.store.tables import work_order
from triage.text.mask import mask
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder, altered

DAYS = 120
_BATCH = 5_000


def fill_orders(url: str, keys: Path, count: int) -> None:
    """Write so many orders into an empty database."""
    prepare_store(url, keys)
    database = Database(url)
    office = open_office(database, load_keys(keys, os.environ), [], load_city(OfficeFiles()))
    record = parse_intake(body_of(0), now=office.now())
    order_id = receive(office, record, actor="bench").order_id
    with database.read() as connection:
        model = find(connection, order_id)
    orders = _orders(model, count)
    while some := list(islice(orders, _BATCH)):
        with database.write() as connection:
            append(connection, [_intake(order) for order in some])
            connection.execute(insert(work_order), [row_of(order) for order in some])
    database.close()


def _orders(model: WorkOrder, count: int) -> Iterator[WorkOrder]:
    plan = CityPlan(days=DAYS, per_day=count / (DAYS * 0.7), seed=3, start=date(2026, 1, 1))
    for number, told in enumerate(islice(simulate_city(plan), count)):
        yield altered(
            model,
            id=f"B{number:09d}",
            query_code=f"B{number:09d}",
            received_at=datetime.fromisoformat(told.received_at).astimezone(UTC),
            title=mask(told.title or "").text,
            text=mask(told.text).text,
            district=told.district or "",
            township=told.township or "",
            requester="",
        )


def _intake(order: WorkOrder) -> Event:
    body = {"title": order.title, "text": order.text}
    return Event(order.id, Kind.INTAKE, order.received_at, "bench", body)
