"""The service over a million past orders: triage with similar orders named, and a new one found.

Run `python tests/benchmarks/bench_similar.py` (wrk; half an hour, most of it filling); writes
evaluation/results/similar_speed.json. The same service without its index is driven in turn with
the one that has it, so that both see the same machine; `/noop` is the yardstick. Targets: 600
requests a second, p99 40 ms, a new order found within a second in every worker, ready in 10 s.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
from similar_fill import fill_orders

from serving.bench.samples import single_bodies
from serving.bench.service import Service, running
from serving.bench.wrk import Load, drive, require_wrk
from triage.files import atomic_write
from triage.request import Json

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "evaluation/results/similar_speed.json"
TRIAGE = str(Path(sys.executable).with_name("triage"))
TEXT = "凤凰里九栋地下车库排污泵坏了，污水漫到电梯口，车子泡在水里"
_LOOKS = 40
"""Answers in a row that must name the new order: two workers are both among them."""


def main() -> int:
    """Fill, serve, measure, write the report; 1 where a target is missed."""
    wanted = _arguments()
    require_wrk()
    with tempfile.TemporaryDirectory(dir=wanted.scratch) as name:
        folder = Path(name)
        url, keys = f"sqlite:///{folder}/triage.db", folder / "vault.json"
        fill_orders(url, keys, wanted.orders)
        options = ["--database", url, "--vault-keys", str(keys), "--models-dir", str(wanted.models)]
        began = time.perf_counter()
        command = [TRIAGE, "index", "build", *options[:2], "--index-dir", f"{folder}/index"]
        subprocess.run([*command, "--models-dir", str(wanted.models)], check=True)
        built = time.perf_counter() - began
        served = [*options, "--noop-route", "--workers", str(wanted.workers)]
        report: dict[str, Json] = {
            "command": " ".join(["python tests/benchmarks/bench_similar.py", *sys.argv[1:]]),
            "orders": wanted.orders,
            "load_before": round(os.getloadavg()[0], 1),
            "built_s": round(built, 1),
            **_measured(served, folder, wanted),
        }
    with atomic_write(wanted.out) as file:
        file.write(orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.write(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode() + "\n")
    targets = report["targets"]
    assert isinstance(targets, dict)
    return 0 if all(targets.values()) else 1


def _measured(options: list[str], folder: Path, wanted: argparse.Namespace) -> dict[str, Json]:
    bodies = single_bodies()
    with (
        running([*options, "--index-dir", f"{folder}/index"]) as ours,
        running([*options, "--index-dir", "none"]) as bare,
    ):
        opened = _until_similar(ours)
        loads: dict[str, list[Load]] = {"similar": [], "without": [], "noop": []}
        for _ in range(wanted.rounds):
            for kind, service, path in (
                ("similar", ours, "/v1/triage"),
                ("without", bare, "/v1/triage"),
                ("noop", ours, "/noop"),
            ):
                loads[kind].append(
                    drive(service.url + path, connections=16, seconds=4, bodies=bodies)
                )
        found_s = [_found_after(ours, number) for number in range(10)]
        resident = [round(one) for one in ours.resident_mib()]
    per_second = statistics.median(one.per_second for one in loads["similar"])
    p99 = max(one.p99_ms for one in loads["similar"])
    return {
        "similar_after_s": round(opened, 2),
        **{
            kind: {
                "per_second": [round(one.per_second) for one in runs],
                "p50_ms": [round(one.p50_ms, 1) for one in runs],
                "p99_ms": [round(one.p99_ms, 1) for one in runs],
            }
            for kind, runs in loads.items()
        },
        "new_order_found_s": [round(one, 2) for one in found_s],
        "resident_mib": [*resident],
        "targets": {
            "600_per_second": per_second >= 600,
            "p99_40_ms": p99 <= 40,
            "new_order_in_1_s": max(found_s) < 1,
            "opened_in_10_s": opened < 10,
        },
    }


def _until_similar(service: Service) -> float:
    """Return the seconds from the start until every worker names similar orders."""
    began, row = time.perf_counter(), 0
    while row < _LOOKS:
        row = row + 1 if _ask(service, "/v1/triage", TEXT)["similar"] else 0
    return service.ready_seconds + time.perf_counter() - began


def _found_after(service: Service, number: int) -> float:
    """Return the seconds from the receipt of a new order until every worker finds it."""
    text = f"{TEXT}，这是第{number}次反映"
    order_id = _ask(service, "/v1/requests", text)["id"]
    began = seen = time.perf_counter()
    row = 0
    while row < _LOOKS:
        ids = [one["id"] for one in _ask(service, "/v1/similar", text)["similar"]]
        if order_id in ids:
            seen = seen if row else time.perf_counter()
            row += 1
        else:
            row = 0
    return seen - began


def _ask(service: Service, path: str, text: str) -> dict[str, Any]:
    """Post on a connection of its own, so that the kernel chooses a worker anew."""
    with closing(http.client.HTTPConnection("127.0.0.1", service.port)) as connection:
        body = json.dumps({"id": "b", "text": text})
        connection.request("POST", path, body.encode(), {"content-type": "application/json"})
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--scratch", type=Path, help="a folder with room for 8 GB")
    parser.add_argument("--out", type=Path, default=RESULT)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
