"""How fast the clerk is with many open orders: an idle tick, and deeds that are due.

    python tests/benchmarks/bench_clerk.py sqlite:////tmp/clerk.db 200000

The database must be empty. Prints wall and processor times; writes nothing else.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from triage.desk import clerk
from triage.desk.actor import Actor
from triage.desk.clerk_rounds import CLOCKS
from triage.desk.intake import receive
from triage.desk.moves import Wish, move
from triage.desk.opening import OfficeFiles, load_city, open_office
from triage.desk.record import parse_intake
from triage.store.database import Database
from triage.store.key_file import VaultKeys
from triage.store.leases import set_mark
from triage.store.migrate import upgrade

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
TICKS, DEEDS = 50, 3_000
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :n) "


def main(url: str, orders: int) -> None:
    """Copy one dispatched order so often, and measure."""
    database = Database(url)
    upgrade(database)
    clock = [START]
    office = open_office(database, VaultKeys(()), [], load_city(OfficeFiles()))
    office = replace(office, now=lambda: clock[0])
    given = parse_intake({"text": "路灯不亮"}, now=START)
    office = replace(office, vault=_NoVault())  # type: ignore[arg-type]
    one = receive(office, given, actor="bench").order_id
    chief = Actor("bench", frozenset({"administrator"}))
    move(office, one, Wish("DISPATCHED", unit="URBAN_MGMT"), chief)
    with database.write() as connection:
        _copy(connection, one, orders)
        set_mark(connection, CLOCKS, f"done {office.clocks.version}")
    clerk.tick(office, "bench")
    times = sorted(_seconds(lambda: clerk.tick(office, "bench")) for _ in range(TICKS))
    median, slowest = times[TICKS // 2] * 1e3, times[-1] * 1e3
    sys.stdout.write(f"idle tick, {orders} open: median {median:.2f} ms, slowest {slowest:.2f}\n")
    clock[0] = START + timedelta(days=2)
    used = time.process_time()
    wall = _seconds(lambda: clerk.tick(office, "bench", most=DEEDS))
    used = time.process_time() - used
    sys.stdout.write(
        f"{DEEDS} deeds: {DEEDS / wall:.0f} a second, {DEEDS / used:.0f} a CPU second\n"
    )


class _NoVault:
    def seal(self, *given: object) -> None:
        return


def _copy(connection: Connection, one: str, orders: int) -> None:
    columns = {
        "work_order": "query_code state is_open version received_at due_at closed_at source lead "
        "region level topic requester parent_id",
        "agenda": "at what",
        "queue_entry": "from_seq to_seq rank_normal rank_emergency lead level region",
    }
    for table, names in columns.items():
        key = "id" if table == "work_order" else "order_id"
        rest = names.replace(" ", ", ").replace("query_code", "'Q' || i")
        end = (
            ", replace(replace(document, :one, 'W' || i), query_code, 'Q' || i)"
            if table == "work_order"
            else ""
        )
        said = ", document" if end else ""
        where = " AND to_seq IS NULL" if table == "queue_entry" else ""
        connection.execute(
            text(
                f"INSERT INTO {table} ({key}, {names.replace(' ', ', ')}{said}) "
                f"{NUMBERS}SELECT 'W' || i, {rest}{end} FROM {table}, n WHERE {key} = :one{where}"
            ),
            {"one": one, "n": orders},
        )


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
