"""测量预测：真实序列、没看过的序列、模拟城市的各级合计，都与季节朴素法相比 (measure forecasts).

    triage measure-forecast --series ../shared/data/series --out evaluation/results/forecast.json
    triage measure-forecast --unseen ../shared/data --out runs/forecast_unseen.json
    triage measure-forecast --city runs/counts/counts.csv --areas 12 --out runs/forecast_city.json
    triage measure-forecast --hours 360 --per-day 6000 --areas 3 --out runs/forecast_hours.json

--series 目录里的 CSV 逐个回测；文件名以 nyc_ 开头的按美国节假日，九年的序列另按年份截短。--unseen
回测定规则时没看过的序列。--hours 模拟这么多天的城市，按小时回测；同时给 --unseen 时另回测真实留言
的小时数。退出码：0 正常；2 无法使用。
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from tqdm import tqdm

from training.forecast.city_panel import hourly_panel
from training.forecast.inputs import from_file, parents_of
from training.forecast.making import LIBRARIES
from training.forecast.measuring import series_report
from training.forecast.measuring_city import city_report
from training.forecast.measuring_hours import hours_report
from training.forecast.regressors import regressors_of
from training.forecast.unseen import groups_of, hourly_messages, unseen_report
from triage.catalogue import Catalogue
from triage.errors import UnusableFile
from triage.files import atomic_write
from triage.request import Json
from triage.simulate import CityPlan
from triage.trends.day_kinds import calendar_of
from triage.trends.panel import Panel
from triage.trends.panel_file import read_panel

HORIZON = 14
HOURS_AHEAD = 72
YEAR = 365
LEAST_YEARS = 5
"""Years of a series from which shorter beginnings of it stand for series not looked at."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("--series", type=Path, metavar="DIR", help="CSV 的文件夹，列 date、count")
    add("--unseen", type=Path, metavar="DIR", help="开发者数据：留言按区县、按主题，早年的 311")
    add("--city", type=Path, metavar="CSV", help="triage simulate --counts 的 counts.csv")
    add("--hours", type=int, metavar="DAYS", help="模拟几天的城市，按小时回测")
    add("--per-day", type=float, default=6000.0, help="--hours 的城市平均每天多少条，默认 6000")
    add("--areas", type=int, default=12, help="城市里取前几个区县，默认 12")
    add("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="进程数，默认核数")
    add("--out", type=Path, required=True, metavar="JSON")


def run(args: argparse.Namespace) -> int:
    """Measure and write the report."""
    if not (args.series or args.unseen or args.city or args.hours):
        raise UnusableFile("请给出 --series、--unseen、--city 或 --hours")
    began = time.monotonic()
    report: dict[str, Json] = {"versions": {name: version(name) for name in LIBRARIES}}
    if args.series:
        report["series"] = _series(args.series)
    if args.hours:
        report["hours"] = _hours(args)
    if args.unseen and not args.hours:
        groups = groups_of(args.unseen)
        report["unseen"] = {one.name: unseen_report(one, horizon=HORIZON) for one in groups}
    if args.city:
        report["city"] = _city(args)
    report["seconds"] = round(time.monotonic() - began, 1)
    with atomic_write(args.out) as file:
        file.write(json.dumps(report, ensure_ascii=False, indent=1).encode() + b"\n")
    print(f"→ {args.out}", file=sys.stderr)
    return 0


def _series(folder: Path) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for path in sorted(folder.glob("*.csv")):
        panel = read_panel(path).panel
        calendar = calendar_of("US" if path.name.startswith("nyc_") else "CN")
        X = regressors_of(panel, HORIZON, calendar)
        y = panel.counts[0]
        found[path.stem] = series_report(y, X, horizon=HORIZON)
        if panel.steps >= LEAST_YEARS * YEAR:
            for years in range(1, LEAST_YEARS):
                name = f"{path.stem} without the last {years} years"
                found[name] = series_report(y[: -years * YEAR], X, horizon=HORIZON)
    if not found:
        raise UnusableFile(f"{folder} 里没有 CSV")
    return found


def _city(args: argparse.Namespace) -> dict[str, Json]:
    wanted = from_file(args.city, Catalogue.load(), ())
    panel = _some(wanted.panel, args.areas)
    with tqdm(desc="城市", unit=" 序列", disable=None, file=sys.stderr) as bar:
        return city_report(
            panel,
            wanted.parents,
            calendar_of("CN"),
            horizon=HORIZON,
            jobs=args.jobs,
            progress=bar.update,
        )


def _hours(args: argparse.Namespace) -> dict[str, Json]:
    plan = CityPlan(days=args.hours, per_day=args.per_day)
    panel = hourly_panel(plan, args.areas)
    parents = parents_of(panel, Catalogue.load())
    found: dict[str, Json] = {}
    with tqdm(desc="小时", unit=" 序列", disable=None, file=sys.stderr) as bar:
        found["city"] = hours_report(
            panel, parents, calendar_of("CN"), horizon=HOURS_AHEAD, progress=bar.update
        )
        if args.unseen:
            found["messages"] = hours_report(
                hourly_messages(args.unseen), {}, calendar_of("CN"),
                horizon=HOURS_AHEAD, progress=bar.update,
            )  # fmt: skip
    return found


def _some(panel: Panel, most: int) -> Panel:
    """Return the panel with the series of the first `most` districts only."""
    place = panel.columns.index("district")
    areas = sorted({key[place] for key in panel.ids})[:most]
    rows = [i for i, key in enumerate(panel.ids) if key[place] in areas]
    return replace(
        panel,
        ids=tuple(panel.ids[i] for i in rows),
        counts=np.ascontiguousarray(panel.counts[rows]),
        start=panel.start[rows],
    )
