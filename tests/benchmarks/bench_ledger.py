"""Queue, timeline and scorecards on a ledger of one million events, and on one of ten million.

Run `python tests/benchmarks/bench_ledger.py`; writes evaluation/results/ledger_size.json. A private
PostgreSQL cluster holds 200,000 open orders and month after month of invented history, the same
each month; the scorecard is always that of the last month. Target: at ten million events every
query within three times its time at one million. Rounds of `SELECT 1` show what the machine does.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
from bench_queue import CHIEF, measured_ms
from cluster import private_cluster
from history_fill import FIRST, LAST, START, copy_month, fill_month
from queue_fill import UNITS, analysed, fill_queue
from sqlalchemy import text

from triage.catalogue import Catalogue
from triage.desk.office import Office
from triage.desk.opening import OfficeFiles, load_city, open_office
from triage.desk.queueing import queue_page
from triage.desk.reading import timeline_of
from triage.desk.reports import Reports, open_reports
from triage.desk.scorecards import scorecards_of
from triage.files import atomic_write
from triage.request import Json
from triage.store.cipher import CipherName
from triage.store.database import Database
from triage.store.key_file import create_key, read_keys
from triage.store.ledger import head_of
from triage.store.migrate import upgrade
from triage.store.queue import Slice
from triage.workorder.scorecards import By

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "evaluation/results/ledger_size.json"
QUERIES = ("top_50", "unit", "timeline", "scorecards", "scorecards_one_unit")
MOST_TIMES = 3.0


def main() -> int:
    """Fill, measure at each size, write the report; 1 where a query grew too much."""
    wanted = _arguments()
    sizes: list[dict[str, Json]] = []
    with tempfile.TemporaryDirectory() as name, private_cluster() as cluster:
        office, reports = _opened(cluster.url, Path(name))
        fill_queue(office, wanted.open_orders)
        events, months = fill_month(office.database, wanted.month, Catalogue.load()), 1
        for size in wanted.events:
            while _head(office.database) < size:
                copy_month(office.database, months, months, events)
                months += 1
            analysed(office.database)
            sizes.append({"months": months, **_size(office, reports, wanted)})
            sys.stderr.write(orjson.dumps(sizes[-1]).decode() + "\n")
        office.database.close()
    times = {name: _p50(sizes[-1], name) / _p50(sizes[0], name) for name in QUERIES}
    report: dict[str, Json] = {
        "command": " ".join(["python tests/benchmarks/bench_ledger.py", *sys.argv[1:]]),
        "open_orders": wanted.open_orders,
        "orders_a_month": wanted.month,
        "sizes": [*sizes],
        "times": {name: round(value, 2) for name, value in times.items()},
        "within": MOST_TIMES,
    }
    with atomic_write(wanted.out) as file:
        file.write(orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.write(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0 if max(times.values()) <= MOST_TIMES else 1


def _opened(url: str, folder: Path) -> tuple[Office, Reports]:
    database, now = Database(url), START + timedelta(days=60)
    upgrade(database)
    create_key(folder / "vault.json", CipherName.AES, now=datetime.now(UTC))
    city = load_city(OfficeFiles())
    office = open_office(database, read_keys(folder / "vault.json"), [], city)
    reports = open_reports(database, Catalogue.load(), office.clocks, lambda: now)
    return replace(office, now=lambda: now), reports


def _size(office: Office, reports: Reports, wanted: argparse.Namespace) -> dict[str, Json]:
    count = iter(range(10**9))

    def timeline() -> object:
        return timeline_of(office, f"W00{next(count) * 7919 % wanted.month:07d}", CHIEF)

    def card(actor_units: frozenset[str]) -> Callable[[], object]:
        actor = replace(CHIEF, units=actor_units)
        return lambda: scorecards_of(reports, FIRST, LAST, By.UNIT, actor)

    rounds = wanted.rounds
    return {
        "events": _head(office.database),
        "load_before": round(os.getloadavg()[0], 1),
        "select_1": measured_ms(lambda: _select_1(office.database), rounds),
        "top_50": measured_ms(lambda: _page(office, Slice()), rounds),
        "unit": measured_ms(lambda: _page(office, Slice(lead=UNITS[0])), rounds),
        "timeline": measured_ms(timeline, rounds),
        "scorecards": measured_ms(card(frozenset()), max(rounds // 40, 3)),
        "scorecards_one_unit": measured_ms(card(frozenset({UNITS[0]})), max(rounds // 20, 3)),
    }


def _page(office: Office, part: Slice) -> object:
    return queue_page(office, part, CHIEF, cursor=None, limit=50)


def _head(database: Database) -> int:
    with database.read() as connection:
        return head_of(connection).seq


def _select_1(database: Database) -> object:
    with database.read() as connection:
        return connection.execute(text("SELECT 1")).scalar()


def _p50(size: dict[str, Json], name: str) -> float:
    figures = size[name]
    assert isinstance(figures, dict)
    found = figures["p50"]
    assert isinstance(found, float)
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open-orders", type=int, default=200_000)
    parser.add_argument("--month", type=int, default=30_000, help="orders a month")
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--out", type=Path, default=RESULT)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
