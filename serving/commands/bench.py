"""压测服务：吞吐、延迟、启动、内存 (measure the service beside a no-operation endpoint).

Starts `triage serve` itself, drives it with wrk (apt-get install wrk) and writes serving.json and
serving.md. Leave the machine alone meanwhile; the load before the start is noted. Similar orders
are off here: tests/benchmarks/bench_similar.py measures the service with them.

Example:
  triage bench --models-dir models --out evaluation/results
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import sys
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from serving.bench.measure import Plan, measure
from serving.bench.report import targets, write_report
from serving.bench.service import Service, running
from serving.bench.wrk import require_wrk


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    models = os.environ.get("TRIAGE_MODELS_DIR", "models")
    add("--models-dir", type=Path, default=Path(models), metavar="DIR", help="模型文件夹")
    add("--workers", type=int, default=len(os.sched_getaffinity(0)), help="工作进程数")
    add("--connections", type=int, default=16, help="并发连接数")
    add("--rounds", type=int, default=5, help="轮数")
    add("--seconds", type=int, default=4, help="每轮秒数")
    add("--out", type=Path, default=Path("evaluation/results"), metavar="DIR", help="结果文件夹")
    add("--debug-engine", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Measure and write the report; 0 when done, whether or not every target is met."""
    require_wrk()
    plan = Plan(args.connections, args.rounds, args.seconds, args.workers)
    options = ["--models-dir", str(args.models_dir), "--workers", str(args.workers)]
    options += ["--noop-route", "--index-dir", "none"]
    options += ["--debug-engine"] if args.debug_engine else []
    with (
        running(options) as service,
        tqdm(total=2 * plan.rounds + 2, desc="测量", disable=None) as bar,
    ):
        figures = measure(service, plan, model=_model(service), step=bar.update)
    for target in targets(figures):
        mark = "✓" if target.is_met else "✗"
        print(f"{mark} {target.name}：{target.measured}（目标 {target.wanted}）")
    print(f"  空操作 {figures.noop_per_second():,.0f}/s，批量 {figures.batch_per_second:,.0f} 条/s")
    data, page = write_report(figures, args.out)
    print(f"已写入 {data} 和 {page}", file=sys.stderr)
    return 0


def _model(service: Service) -> str:
    with closing(http.client.HTTPConnection("127.0.0.1", service.port)) as connection:
        connection.request("GET", "/readyz")
        return str(json.loads(connection.getresponse().read())["versions"]["model"])
