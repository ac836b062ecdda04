"""Invented open orders and ledger events by the hundred thousand, written straight into the tables.

One order goes through the desk; all others are that one with other places, levels and times.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from callers import body_of
from sqlalchemy import insert, text, update

from triage.desk.intake import receive
from triage.desk.office import Office
from triage.desk.record import parse_intake
from triage.store.database import Database
from triage.store.ledger import head_of
from triage.store.orders import find, row_of
from triage.store.tables import ledger_head, queue_entry, work_order
from triage.workorder.order import WorkOrder, altered

UNITS = ("URBAN_MGMT", "ECOLOGY", "HOUSING", "TRANSPORT", "EDUCATION", "HEALTH", "POLICE", "WATER")
RARE_UNIT = "LIBRARY"
"""Holds two orders in a hundred thousand."""
DISTRICTS = tuple(str(500101 + n) for n in range(38))
LEVELS = ("district", "city", "township")
_BATCH = 5_000


def order_id(number: int) -> str:
    """Return the id of an invented order."""
    return f"B{number:09d}"


def fill_queue(office: Office, orders: int) -> None:
    """Write so many open orders and their places."""
    model = _model(office)
    rng = random.Random(5)
    numbers = iter(range(orders))
    while batch := [_one(model, number, rng) for number in islice(numbers, _BATCH)]:
        places = [
            {
                "order_id": order.id, "from_seq": 1, "to_seq": None, "lead": order.lead,
                "rank_normal": ranks.normal, "rank_emergency": ranks.emergency,
                "level": order.level, "region": order.region,
            }
            for order in batch
            for ranks in (office.books.ranks(order),)
        ]  # fmt: skip
        with office.database.write() as connection:
            connection.execute(insert(work_order), [row_of(order) for order in batch])
            connection.execute(insert(queue_entry), places)
    _analysed(office.database)


def _model(office: Office) -> WorkOrder:
    record = parse_intake(body_of(0), now=office.now())
    order_id = receive(office, record, actor="bench").order_id
    with office.database.read() as connection:
        return find(connection, order_id)


def _one(model: WorkOrder, number: int, rng: random.Random) -> WorkOrder:
    received = model.received_at - timedelta(minutes=number / 4)
    lead = RARE_UNIT if number % 50_000 == 49_999 else rng.choice(UNITS)
    return altered(
        model,
        id=order_id(number),
        query_code=f"B{number:09d}",
        received_at=received,
        started_at=received,
        due_at=received + timedelta(days=rng.choice((1, 3, 5, 15))),
        urgency=rng.choice((1, 2, 3, 3, 3, 4)),
        lead=lead,
        region=rng.choice(DISTRICTS),
        level=rng.choice(LEVELS),
        flags=("VULN",) if rng.random() < 0.1 else (),
        repeats=rng.choice((0, 0, 0, 1, 2)),
    )


def fill_ledger(database: Database, upto: int) -> None:
    """Write events until the ledger ends at `upto`, ten an order, as PostgreSQL makes them itself."""
    with database.write() as connection:
        begin = head_of(connection).seq
        connection.execute(text(_EVENTS), {"begin": begin + 1, "end": upto})
        connection.execute(update(ledger_head).values(seq=upto))
    _analysed(database)


_EVENTS = """
INSERT INTO ledger (seq, order_id, kind, at, actor, body, digest, hash)
SELECT n, 'B' || lpad(((n - 1) / 10)::text, 9, '0'),
       (ARRAY['intake','prediction','suggest','dispatch','acknowledge','handle','reply',
              'follow_up','close','read'])[1 + (n - 1) % 10],
       1767225600000000 + n * 1000, 'dispatcher-' || n % 50,
       '{"from":"SUGGESTED","unit":"URBAN_MGMT","note":"' || repeat(md5(n::text), 4) || '"}',
       sha256(n::text::bytea), sha256((n::text || 'h')::bytea)
FROM generate_series(CAST(:begin AS bigint), CAST(:end AS bigint)) AS n
"""


def _analysed(database: Database) -> None:
    """Tell the planner what there is, as autovacuum does within a minute."""
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ANALYZE" if database.is_embedded else "VACUUM ANALYZE"))
