"""How long scorecards of 200,000 orders take, in how much memory, and whether a replay agrees.

Run `python tests/benchmarks/bench_scorecards.py`; writes evaluation/results/scorecards_speed.json.
The orders are invented and written straight into the tables (no hash chain, no queue). Times are
processor seconds of one core, because the machines it runs on are shared. The replay walks the
whole ledger and is compared on the orders of the first three days.
"""

from __future__ import annotations

import json
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from triage.catalogue import Catalogue, TopicEntry
from triage.desk.actor import SYSTEM
from triage.desk.clocks import PolicyClocks
from triage.desk.opendata import open_data
from triage.desk.reports import Reports, open_reports
from triage.desk.scorecard_files import as_json, as_xlsx
from triage.desk.scorecards import ScorecardReport, scorecards_of
from triage.request import Json
from triage.store.database import Database
from triage.store.instant import microseconds
from triage.store.migrate import upgrade
from triage.store.orders import row_of
from triage.workorder.calendar_file import load_calendar
from triage.workorder.events import Event, Kind, canonical
from triage.workorder.policy_file import load_policy
from triage.workorder.projection import fold
from triage.workorder.scorecards import By

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "evaluation/results/scorecards_speed.json"
ORDERS, SEED = 200_000, 11
START = datetime(2026, 9, 30, 16, tzinfo=UTC)
"""0:00 of 1 October in Shanghai; orders come in evenly through the month."""
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
TYPES = ("CONSULT", "HELP", "COMPLAINT", "SUGGEST")
OUTCOMES = ("SATISFIED", "SATISFIED", "SATISFIED", "NEUTRAL", "DISSATISFIED", "UNREACHABLE")


def main() -> int:
    """Write the orders, time the reports, keep the figures."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db"
        upgrade(Database(url))
        catalogue = Catalogue.load()
        seconds, events = _timed(lambda: _fill(Path(folder) / "bench.db", catalogue))
        clocks = PolicyClocks(load_policy(), load_calendar())
        now = START + timedelta(days=60)
        reports = open_reports(Database(url), catalogue, clocks, lambda: now)
        figures = {
            "simulated": True,
            "seed": SEED,
            "orders": ORDERS,
            "events": events,
            "fill_seconds": seconds,
            **_measured(reports),
        }
    RESULT.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.stdout.write(RESULT.read_text("utf-8"))
    return 0


def _measured(reports: Reports) -> dict[str, object]:
    before = _resident_mib()
    seconds, report = _timed(lambda: scorecards_of(reports, FIRST, LAST, By.UNIT, SYSTEM))
    after = _resident_mib()
    written, _ = _timed(lambda: (as_json(report), as_xlsx(report)))
    open_seconds, content = _timed(lambda: open_data(reports, FIRST))
    part = FIRST + timedelta(days=2)
    standing = scorecards_of(reports, FIRST, part, By.UNIT, SYSTEM)
    replay_seconds, replay = _timed(
        lambda: scorecards_of(reports, FIRST, part, By.UNIT, SYSTEM, from_ledger=True)
    )
    return {
        "units": len(report.cards),
        "seconds": seconds,
        "orders_per_second": round(ORDERS / seconds),
        "files_seconds": written,
        "resident_mib_before": before,
        "resident_mib_after": after,
        "open_data_seconds": open_seconds,
        "open_data_cells": content.count(b"\n") - 1,
        "replay_seconds_whole_ledger": replay_seconds,
        "replay_agrees": _same(standing, replay),
    }


def _same(one: ScorecardReport, other: ScorecardReport) -> bool:
    return as_json(one) == as_json(other)


def _timed(action: Callable[[], T]) -> tuple[float, T]:
    started = time.process_time()
    result = action()
    return round(time.process_time() - started, 2), result


def _resident_mib() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _fill(path: Path, catalogue: Catalogue) -> int:
    """Write the orders and their events; return how many events."""
    rng, seq = random.Random(SEED), 0
    topics, units = list(catalogue.topics.values()), list(catalogue.units)
    regions = [one.code for one in catalogue.places.districts(FIRST)]
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    for begin in range(0, ORDERS, 5_000):
        rows, orders = [], []
        for number in range(begin, min(begin + 5_000, ORDERS)):
            life = list(_life(number, rng, topics, units, regions))
            row = row_of(fold(life))
            orders.append({k: microseconds(v) if isinstance(v, datetime) else v
                           for k, v in row.items()})  # fmt: skip
            for event in life:
                seq += 1
                body = canonical(event.body).decode()
                at = microseconds(event.at)
                rows.append((seq, event.order_id, event.kind.value, at, "u", body, b"", b""))
        connection.executemany("INSERT INTO ledger VALUES (?,?,?,?,?,?,?,?)", rows)
        names = list(orders[0])
        marks = ",".join(f":{name}" for name in names)
        connection.executemany(
            f"INSERT INTO work_order ({','.join(names)}) VALUES ({marks})", orders
        )
    connection.commit()
    connection.close()
    return seq


def _life(
    number: int, rng: random.Random, topics: list[TopicEntry], units: list[str], regions: list[str]
) -> Iterator[Event]:
    order_id, at = f"W{number:07d}", START + timedelta(days=31) * (number / ORDERS)
    topic, region = rng.choice(topics), rng.choice(regions)
    level = rng.choice(("district", "district", "township", "city"))
    where: dict[str, Json] = {"region": region, "level": level}
    due = at + timedelta(days=rng.choice((3, 7, 15)))

    def event(kind: Kind, hours: float, **body: Json) -> Event:
        nonlocal at
        at += timedelta(hours=rng.expovariate(1 / hours))
        return Event(order_id, kind, at, "u", body)

    yield Event(order_id, Kind.INTAKE, at, "u", {
        "query_code": f"Q{number:09d}", "received_at": at.isoformat(), "due_at": due.isoformat(),
        "text": "小区门口的路灯不亮一个月了，请核实处理。" * 3, "source": "12345",
        "requester": f"{rng.randrange(150_000):032x}", "repeats": rng.choice((0, 0, 0, 1)),
    })  # fmt: skip
    yield event(Kind.SUGGEST, 0.1, topic=topic.code, request_type=rng.choice(TYPES),
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
        yield event(Kind.FOLLOW_UP, 24, reason=rng.choice(OUTCOMES))
        yield event(Kind.CLOSE, 1)


if __name__ == "__main__":
    raise SystemExit(main())
