"""How long scorecards of 200,000 orders take, in how much memory, and whether a replay agrees.

Run `python tests/benchmarks/bench_scorecards.py`; writes evaluation/results/scorecards_speed.json.
The orders are invented and written straight into the tables (no hash chain, no queue). Times are
processor seconds of one core, because the machines it runs on are shared. The replay walks the
whole ledger and is compared on the orders of the first three days.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from history_fill import FIRST, LAST, SEED, START, fill_month

from triage.catalogue import Catalogue
from triage.desk.actor import SYSTEM
from triage.desk.clocks import PolicyClocks
from triage.desk.opendata import open_data
from triage.desk.reports import Reports, open_reports
from triage.desk.scorecard_files import as_json, as_xlsx
from triage.desk.scorecards import ScorecardReport, scorecards_of
from triage.store.database import Database
from triage.store.migrate import upgrade
from triage.workorder.calendar_file import load_calendar
from triage.workorder.policy_file import load_policy
from triage.workorder.scorecards import By

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "evaluation/results/scorecards_speed.json"
ORDERS = 200_000


def main() -> int:
    """Write the orders, time the reports, keep the figures."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.db")
        upgrade(database)
        catalogue = Catalogue.load()
        seconds, events = _timed(lambda: fill_month(database, ORDERS, catalogue))
        clocks = PolicyClocks(load_policy(), load_calendar())
        now = START + timedelta(days=60)
        reports = open_reports(database, catalogue, clocks, lambda: now)
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


if __name__ == "__main__":
    raise SystemExit(main())
