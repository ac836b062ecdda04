"""Invented open orders by the hundred thousand, written straight into the tables.

One order goes through the desk; all others are that one with other places, levels and times.
"""

from __future__ import annotations

import random
from datetime import timedelta

from callers import body_of
from sqlalchemy import insert, text

from triage.desk.intake import receive
from triage.desk.office import Office
from triage.desk.record import parse_intake
from triage.store.database import Database
from triage.store.order_units import rows_of
from triage.store.orders import find, row_of
from triage.store.tables import order_unit, queue_entry, work_order
from triage.workorder.order import WorkOrder, altered

UNITS = ("URBAN_MGMT", "ECOLOGY", "HOUSING", "TRANSPORT", "EDUCATION", "HEALTH", "POLICE", "WATER")
RARE_UNIT = "LIBRARY"
"""Holds one order in two thousand."""
SUPPORTING_UNIT = "CIVIL_AFFAIRS"
"""Leads nothing and supports one order in five hundred."""
DISTRICTS = tuple(str(500101 + n) for n in range(38))
LEVELS = ("district", "city", "township")
_MODELS = 2_000
_MODELS_ID = f"{_MODELS:09d}"


def order_id(number: int) -> str:
    """Return the id of an invented order."""
    return f"B{number:09d}"


def fill_queue(office: Office, orders: int) -> None:
    """Write so many open orders and their places: a few made here, copied by the database.

    Each stands as if it came a quarter of a minute after the one before; a copy's document keeps
    the times of its model, which nothing here reads.
    """
    model, rng = _model(office), random.Random(5)
    made = [_one(model, number, rng) for number in range(min(orders, _MODELS))]
    ranks = [office.books.ranks(order, 1) for order in made]
    places = [
        {
            "order_id": order.id, "from_seq": 1, "to_seq": None, "lead": order.lead,
            "rank_normal": rank.normal, "rank_emergency": rank.emergency,
            "level": order.level, "region": order.region,
        }
        for order, rank in zip(made, ranks, strict=True)
    ]  # fmt: skip
    digits = "printf('%09d', n)" if office.database.is_embedded else "lpad(n::text, 9, '0')"
    with office.database.write() as connection:
        connection.execute(insert(work_order), [row_of(order) for order in made])
        connection.execute(insert(queue_entry), places)
        connection.execute(insert(order_unit), [row for one in made for row in rows_of(one)])
        for begin in range(len(made), orders, len(made)):
            bounds = {"shift": begin, "end": orders}
            for statement in (_ORDERS, _PLACES, _ROLES):
                connection.execute(text(statement.format(digits=digits)), bounds)
    analysed(office.database)


_N = "CAST(substr({id}, 2) AS integer) + :shift"
_ORDERS = f"""
INSERT INTO work_order
SELECT 'B' || {{digits}}, 'B' || {{digits}}, state, is_open, version, received_at, due_at,
       closed_at, source, lead, region, level, topic, requester, parent_id,
       replace(document, id, 'B' || {{digits}})
FROM (SELECT work_order.*, {_N.format(id="id")} AS n FROM work_order
      WHERE id < 'B{_MODELS_ID}' AND id LIKE 'B%') AS model
WHERE n < :end
"""
_PLACES = f"""
INSERT INTO queue_entry
SELECT 'B' || {{digits}}, from_seq, to_seq, rank_normal - (n - old) / 5760.0,
       rank_emergency - (n - old) / 5760.0, lead, level, region
FROM (SELECT queue_entry.*, {_N.format(id="order_id")} AS n,
             {_N.format(id="order_id")} - :shift AS old FROM queue_entry
      WHERE order_id < 'B{_MODELS_ID}' AND order_id LIKE 'B%') AS model
WHERE n < :end
"""
_ROLES = f"""
INSERT INTO order_unit
SELECT 'B' || {{digits}}, unit, role, is_open
FROM (SELECT order_unit.*, {_N.format(id="order_id")} AS n FROM order_unit
      WHERE order_id < 'B{_MODELS_ID}' AND order_id LIKE 'B%') AS model
WHERE n < :end
"""


def _model(office: Office) -> WorkOrder:
    record = parse_intake(body_of(0), now=office.now())
    order_id = receive(office, record, actor="bench").order_id
    with office.database.read() as connection:
        return find(connection, order_id)


def _one(model: WorkOrder, number: int, rng: random.Random) -> WorkOrder:
    received = model.received_at - timedelta(days=60, minutes=-number / 4)
    lead = RARE_UNIT if number == 1_999 else rng.choice(UNITS)
    return altered(
        model,
        id=order_id(number),
        query_code=f"B{number:09d}",
        received_at=received,
        started_at=received,
        due_at=received + timedelta(days=rng.choice((1, 3, 5, 15))),
        urgency=rng.choice((1, 2, 3, 3, 3, 4)),
        lead=lead,
        holders=(lead,),
        support=(SUPPORTING_UNIT,) if number % 500 == 0 else (),
        region=rng.choice(DISTRICTS),
        level=rng.choice(LEVELS),
        flags=("VULN",) if rng.random() < 0.1 else (),
        repeats=rng.choice((0, 0, 0, 1, 2)),
    )


def analysed(database: Database) -> None:
    """Tell the planner what there is, as autovacuum does within a minute."""
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ANALYZE" if database.is_embedded else "VACUUM ANALYZE"))
