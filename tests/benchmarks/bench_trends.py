"""Build three years of counts from thirty million rows of Parquet, then one more day.

Run `python tests/benchmarks/bench_trends.py`; writes evaluation/results/trends_speed.json. Rows are
drawn from a fixed seed: 40 districts (two of them zones), 127 topics, 6 channels, moments in order,
a hundredth merged.
Seconds of the wall and of processors are told, because the machines it runs on are shared.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from triage.catalogue import Catalogue
from triage.trends.building import build_from_files
from triage.trends.codes import Codes
from triage.trends.folder import CountsFolder
from triage.trends.reading import Counts

RESULT = Path(__file__).resolve().parents[2] / "evaluation/results/trends_speed.json"
FIRST = datetime(2023, 11, 1, tzinfo=UTC)
DAYS = 1095
NOW = datetime(2026, 11, 10, tzinfo=UTC)


def main() -> None:
    """Write the files, count them, add a day, print and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=30_000_000)
    parser.add_argument("--out", type=Path, default=RESULT)
    args = parser.parse_args()
    catalogue = Catalogue.load()
    report: dict[str, object] = {"rows": args.rows, "days": DAYS}
    with tempfile.TemporaryDirectory(prefix="trends-") as name:
        root = Path(name)
        for with_ids in (False, True):
            paths = [_year(root, year, args.rows // 3, catalogue, with_ids) for year in range(3)]
            report["with_ids" if with_ids else "without_ids"] = _measured(
                root / f"trends-{with_ids}", paths, catalogue
            )
    report["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    args.out.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    sys.stderr.write(json.dumps(report, indent=1) + "\n")


def _measured(root: Path, paths: list[Path], catalogue: Catalogue) -> dict[str, object]:
    folder = CountsFolder(root)
    began, cpu = time.perf_counter(), time.process_time()
    built = build_from_files(folder, paths, Codes(catalogue), now=NOW)
    first, used = time.perf_counter(), time.process_time() - cpu
    again = build_from_files(folder, paths, Codes(catalogue), now=NOW)
    second = time.perf_counter()
    daily = Counts(folder, catalogue).daily(["topic", "area"])
    third = time.perf_counter()
    late = paths[0].parent / "late.parquet"
    pl.read_parquet(paths[2]).tail(10_000).write_parquet(late)
    fourth = time.perf_counter()
    added = build_from_files(folder, [*paths, late], Codes(catalogue), now=NOW)
    end = time.perf_counter()
    return {
        "build_seconds": round(first - began, 2),
        "build_processor_seconds": round(used, 2),
        "nothing_new_seconds": round(second - first, 2),
        "read_daily_topic_area_seconds": round(third - second, 2),
        "late_file_seconds": round(end - fourth, 2),
        "late_file_days": added.days,
        "rows_counted": int(daily["requests"].sum()),
        "rows_built": built.rows,
        "days_again": again.days,
        "cells_daily": daily.height,
    }


def _year(root: Path, year: int, rows: int, catalogue: Catalogue, with_ids: bool) -> Path:
    rng = np.random.default_rng([20251106, year])
    topics = np.array(sorted(catalogue.topics))
    whole = [one.code for one in catalogue.districts(FIRST.date())]
    districts = np.array([*whole, "ZONE-WSJKQ", "ZONE-GXQ"])
    channels = np.array(["PHONE", "SITE", "APP", "GRID", "TRANSFER_110", "MINI_PROGRAM"])
    weights = rng.dirichlet(np.full(len(topics), 0.5))
    second = np.sort(rng.integers(0, DAYS // 3 * 86_400, rows)) + year * (DAYS // 3) * 86_400
    columns: dict[str, object] = {
        "received_at": (second * 1_000_000 + int(FIRST.timestamp()) * 1_000_000),
        "topic": topics[rng.choice(len(topics), rows, p=weights)],
        "district": districts[rng.integers(0, len(districts), rows)],
        "channel": channels[rng.integers(0, len(channels), rows)],
        "merged_into": np.where(rng.random(rows) < 0.01, "W1", ""),
    }
    if with_ids:
        columns["id"] = np.arange(rows) + year * rows
    table = pl.DataFrame(columns).with_columns(
        pl.col("received_at").cast(pl.Datetime("us", "UTC")),
        pl.col("topic", "district", "channel", "merged_into").cast(pl.String),
    )
    path = root / f"{year}-{with_ids}.parquet"
    table.write_parquet(path, row_group_size=500_000)
    return path


if __name__ == "__main__":
    main()
