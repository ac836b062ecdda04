"""Choose models for series of three years, killed in the middle again and again, then undisturbed.

Run `python tests/benchmarks/bench_forecast_select.py`; writes forecast_select.json under
evaluation/results. Series are those of bench_forecast. The run is killed with SIGKILL, its whole
process group, and started again until it is through; every choice must then be that of a run that
nothing disturbed. Seconds of the wall and of processors are told: the machines are shared.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bench_forecast  # beside this file, which is where a script is run from
import polars as pl

RESULT = Path(__file__).resolve().parents[2] / "evaluation/results/forecast_select.json"
PARTS_BEFORE_KILL = 4
"""New parts of choices after which a run is killed."""
KILLS = 3
SAME = ("series", "members", "grid", "origins", "score", "scores")


def main() -> None:
    """Choose twice and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=500)
    parser.add_argument("--out", type=Path, default=RESULT)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="choices-") as name:
        root = Path(name)
        _write(root / "counts.csv", args.series)
        kept = [_killed(root) for _ in range(KILLS)]
        resumed = _timed(root, "stopped")
        whole = _timed(root, "whole")
        tables = [_choices(root / folder) for folder in ("stopped", "whole")]
        report = {
            "series": args.series,
            "origins": int(tables[1]["origins"].max() or 0),  # type: ignore[arg-type]  # integers
            "whole": whole,
            "choices_kept_at_each_kill": kept,
            "resumed": resumed,
            "same_choices": tables[0].equals(tables[1]),
        }
    args.out.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    sys.stderr.write(json.dumps(report, indent=1) + "\n")


def _write(path: Path, n: int) -> None:
    panel = bench_forecast._panel(n)
    days = [panel.label(step) for step in range(panel.steps)]
    pl.DataFrame(
        {
            "date": days * n,
            "series": [key[0] for key in panel.ids for _ in days],
            "count": panel.counts.astype("int64").ravel(),
        }
    ).write_csv(path)


def _started(root: Path, folder: str) -> subprocess.Popen[bytes]:
    words = ("forecast", "select", "--input", str(root / "counts.csv"))
    command = [str(Path(sys.executable).with_name("triage")), *words, "--folder", folder]
    with (root / "log").open("ab") as log:
        return subprocess.Popen(command, cwd=root, stderr=log, start_new_session=True)


def _killed(root: Path) -> int:
    """Kill a run that has written some more parts; return how many choices are kept."""
    folder = root / "stopped" / "choices" / "daily"
    before = len(list(folder.glob("*.parquet")))
    run = _started(root, "stopped")
    while run.poll() is None and len(list(folder.glob("*.parquet"))) < before + PARTS_BEFORE_KILL:
        time.sleep(0.05)
    if run.poll() is not None:
        raise SystemExit((root / "log").read_text("utf-8")[-2000:] + "through before a kill")
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    return _choices(root / "stopped").height


def _timed(root: Path, folder: str) -> dict[str, float]:
    wall, cpu = time.perf_counter(), _processor_seconds()
    if _started(root, folder).wait():
        raise SystemExit((root / "log").read_text("utf-8")[-2000:])
    return {
        "seconds": round(time.perf_counter() - wall, 1),
        "processor_seconds": round(_processor_seconds() - cpu, 1),
    }


def _choices(folder: Path) -> pl.DataFrame:
    paths = sorted((folder / "choices" / "daily").glob("*.parquet"))
    return pl.concat([pl.read_parquet(path) for path in paths]).select(SAME).sort("series")


def _processor_seconds() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


if __name__ == "__main__":
    main()
