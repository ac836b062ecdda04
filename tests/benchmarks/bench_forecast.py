"""Forecast 5,000 daily series of three years, two weeks ahead, with stored choices.

Run `python tests/benchmarks/bench_forecast.py`; writes evaluation/results/forecast_speed.json.
Series are drawn from a fixed seed (gamma means of 6 a day, a shape of the week and of the year).
Choices are made from four origins for a tenth of them and given to the others of the same class.
Seconds of the wall and of processors are told, because the machines it runs on are shared.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

import numpy as np

from training.forecast.candidates import class_of
from training.forecast.choosing import Choice
from training.forecast.forecasting import Task, choose_all, forecast_all
from training.forecast.regressors import regressors_of
from triage.trends.day_kinds import calendar_of
from triage.trends.panel import Panel

RESULT = Path(__file__).resolve().parents[2] / "evaluation/results/forecast_speed.json"
DAYS, HORIZON = 1096, 14
LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)
MEAN = 6.0
"""Requests a day of an average series: 30,000 a day over 5,000 series."""


def main() -> None:
    """Draw, choose, forecast, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=5000)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--out", type=Path, default=RESULT)
    args = parser.parse_args()
    panel = _panel(args.series)
    task = Task(regressors_of(panel, HORIZON, calendar_of("CN")), HORIZON, LEVELS, args.jobs)
    choices = _choices(panel, task)
    wall, cpu = time.perf_counter(), _processor_seconds()
    ahead = forecast_all(panel, choices, task)
    report = {
        "series": len(panel.ids),
        "days": DAYS,
        "horizon": HORIZON,
        "jobs": args.jobs,
        "seconds": round(time.perf_counter() - wall, 1),
        "processor_seconds": round(_processor_seconds() - cpu, 1),
        "peak_mib_of_a_process": max(
            resource.getrusage(who).ru_maxrss // 1024
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        ),
        "models": dict(Counter(ahead.models).most_common(8)),
    }
    args.out.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    sys.stderr.write(json.dumps(report, indent=1) + "\n")


def _panel(n: int) -> Panel:
    rng = np.random.default_rng(20251106)
    day = np.arange(DAYS)
    week = np.array([1.1, 1.1, 1.1, 1.05, 1.05, 0.85, 0.75])[day % 7]
    year = 1 + 0.2 * np.sin(day * 2 * np.pi / 365.25)
    means = rng.gamma(0.5, MEAN / 0.5, n)
    counts = rng.poisson(means[:, None] * (week * year)[None]).astype(np.float32)
    ids = tuple((f"S{i:04d}",) for i in range(n))
    return Panel("daily", ("series",), ids, datetime(2023, 11, 1), counts, np.zeros(n, np.int64))


def _choices(panel: Panel, task: Task) -> dict[tuple[str, ...], Choice]:
    some = list(range(0, len(panel.ids), 10))
    made: dict[str, list[Choice]] = {}
    for i, choice in choose_all(panel, some, task, count=4):
        made.setdefault(class_of(panel.series(i)), []).append(choice)
    found = {}
    for i, key in enumerate(panel.ids):
        pool = made[class_of(panel.series(i))]
        found[key] = pool[i % len(pool)]
    return found


def _processor_seconds() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
