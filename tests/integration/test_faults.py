"""The faults of tests/benchmarks/bench_faults.py, once each: nothing acknowledged is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks/bench_faults.py"
pytestmark = [pytest.mark.slow, pytest.mark.database]


@pytest.mark.parametrize(
    "fault",
    [
        *("worker_killed", "service_killed", "database_killed", "duplicated", "moves_reordered"),
        *("two_writers", "clock_jump", "webhooks_down"),
        pytest.param(
            "disk_full", marks=pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")
        ),
    ],
)
def test_nothing_acknowledged_is_lost(fault: str, tmp_path: Path) -> None:
    report = tmp_path / "faults.json"
    command = [sys.executable, str(SCRIPT), "--times", "1", "--only", fault, "--out", str(report)]
    # the script imports its neighbours, which the Makefile's safe path would keep from it
    env = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    [row] = json.loads(report.read_bytes())["faults"]
    assert row["is_clean"], row
    assert row.get("orders_with_other_than_one_winner", 0) == 0
    assert row["reconciled"]["acknowledged"] > 0
