"""A queue of 200,000 open orders: how long a page takes.

Run `python tests/benchmarks/bench_queue.py`; writes evaluation/results/queue_speed.json. A private
PostgreSQL cluster and a file of SQLite are filled with invented orders, written straight into the
tables (no chain). Targets: the top 50 in 20 ms, a changed order at its new place in the next page.
Times are those of `queue_page`, without HTTP; `SELECT 1` beside them shows what the machine does.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
from cluster import private_cluster
from queue_fill import DISTRICTS, LEVELS, RARE_UNIT, SUPPORTING_UNIT, UNITS, fill_queue, order_id
from sqlalchemy import text

from triage.desk.actor import Actor
from triage.desk.amend import override
from triage.desk.office import Office
from triage.desk.opening import OfficeFiles, load_city, open_office
from triage.desk.queueing import queue_page
from triage.files import atomic_write
from triage.request import Json
from triage.store.cipher import CipherName
from triage.store.database import Database
from triage.store.key_file import create_key, read_keys
from triage.store.migrate import upgrade
from triage.store.queue import Slice

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "evaluation/results/queue_speed.json"
CHIEF = Actor("chief", frozenset({"administrator"}))
HANDLER = Actor("h", frozenset({"handler"}), units=frozenset({UNITS[1], RARE_UNIT}))
SUPPORTER = Actor("s", frozenset({"handler"}), units=frozenset({SUPPORTING_UNIT}))
REGIONAL = Actor("r", frozenset({"dispatcher"}), regions=frozenset(DISTRICTS[3:5]))
DEEP_PAGES = 40
SLICES = {
    "top_50": (Slice(), CHIEF),
    "unit": (Slice(lead=UNITS[0]), CHIEF),
    "rare_unit": (Slice(lead=RARE_UNIT), CHIEF),
    "region": (Slice(regions=(DISTRICTS[0],)), CHIEF),
    "rare_region": (Slice(regions=("500243",)), CHIEF),
    "unit_and_region": (Slice(lead=UNITS[2], regions=(DISTRICTS[-1],)), CHIEF),
    "level": (Slice(level=LEVELS[1]), CHIEF),
    "rare_level": (Slice(level="national"), CHIEF),
    "handler": (Slice(), HANDLER),
    "supporter": (Slice(), SUPPORTER),
    "regional": (Slice(), REGIONAL),
}


def main() -> int:
    """Fill, measure, write the report; 1 where a target is missed."""
    wanted = _arguments()
    report: dict[str, Json] = {
        "command": " ".join(["python tests/benchmarks/bench_queue.py", *sys.argv[1:]]),
        "orders": wanted.orders,
        "load_before": round(os.getloadavg()[0], 1),
    }
    with tempfile.TemporaryDirectory() as name, private_cluster() as cluster:
        folder = Path(name)
        create_key(folder / "vault.json", CipherName.AES, now=datetime.now(UTC))
        embedded = _filled(f"sqlite:///{folder}/triage.db", folder, wanted)
        report["sqlite"] = _queue(embedded, wanted)
        embedded.database.close()
        shared = _filled(cluster.url, folder, wanted)
        report["postgresql"] = _queue(shared, wanted)
        shared.database.close()
    report["targets"] = targets = _targets(report)
    with atomic_write(wanted.out) as file:
        file.write(orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.write(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0 if all(targets.values()) else 1


def _filled(url: str, folder: Path, wanted: argparse.Namespace) -> Office:
    database = Database(url)
    upgrade(database)
    office = open_office(database, read_keys(folder / "vault.json"), [], load_city(OfficeFiles()))
    office = replace(office, now=lambda: datetime(2026, 6, 1, 2, tzinfo=UTC))
    started = time.perf_counter()
    fill_queue(office, wanted.orders)
    sys.stderr.write(f"{wanted.orders:,} orders in {time.perf_counter() - started:.0f} s\n")
    return office


def _queue(office: Office, wanted: argparse.Namespace) -> dict[str, Json]:
    found: dict[str, Json] = {"select_1": measured_ms(lambda: _select_1(office), wanted.rounds)}
    for name, (part, actor) in SLICES.items():
        found[name] = measured_ms(lambda: _page(office, part, actor, None), wanted.rounds)  # noqa: B023
    found["deep_page"] = measured_ms(_deep(office), wanted.rounds)
    return found | {"re_ranked_at_once": _is_re_ranked(office)}


def _page(office: Office, part: Slice, actor: Actor, cursor: str | None) -> str | None:
    return queue_page(office, part, actor, cursor=cursor, limit=50).next_cursor


def _deep(office: Office) -> Callable[[], object]:
    cursor: str | None = None
    for _ in range(DEEP_PAGES):
        cursor = _page(office, Slice(), CHIEF, cursor)
    assert cursor is not None
    return lambda: _page(office, Slice(), CHIEF, cursor)


def _is_re_ranked(office: Office) -> bool:
    """Say whether an order that was on no first page is on it once it became most urgent."""
    for number in range(100):
        override(office, order_id(number), {"urgency": 4}, reason="测试", version=None, actor=CHIEF)
        before = _first(office)
        override(
            office, order_id(number), {"urgency": 0, "flags": ["VULN"]},
            reason="测试", version=None, actor=CHIEF,
        )  # fmt: skip
        if order_id(number) not in before:
            return order_id(number) in _first(office)
    return False


def _first(office: Office) -> list[str]:
    page = queue_page(office, Slice(), CHIEF, cursor=None, limit=50)
    return [item.order.id for item in page.items]


def _select_1(office: Office) -> object:
    with office.database.read() as connection:
        return connection.execute(text("SELECT 1")).scalar()


def measured_ms(deed: Callable[[], object], rounds: int) -> dict[str, Json]:
    """Return least, median and 99th percentile of a deed's wall time in milliseconds."""
    for _ in range(3):
        deed()
    spans = []
    for _ in range(rounds):
        started = time.perf_counter()
        deed()
        spans.append((time.perf_counter() - started) * 1000)
    return {name: round(_at(sorted(spans), share), 2) for name, share in _SHARES}


_SHARES = (("min", 0.0), ("p50", 0.5), ("p99", 0.99))


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _targets(report: dict[str, Json]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for backend in ("sqlite", "postgresql"):
        figures = report[backend]
        assert isinstance(figures, dict)
        slow = [name for name in (*SLICES, "deep_page") if figures[name]["p50"] >= 20]  # type: ignore[index,call-overload]
        found[f"{backend}_pages_in_20_ms"] = not slow
        found[f"{backend}_re_ranked_at_once"] = figures["re_ranked_at_once"]
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--out", type=Path, default=RESULT)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
