"""测量预警：注入的突发与静默找到多少、多快，没有注入时误报多少 (measure alarms).

Injections, seeds and the grid of thresholds are in evaluation/data/alarm_injections.toml. Real
series are skipped, and said so, where they are absent. Beside the report stand its page and, as
SVG, sensitivity and delay by the mean of a series.

  triage measure-alarms --out evaluation/results/alarms.json --jobs 2
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from evaluation.alarm_background import Background
from evaluation.alarm_choosing import choose
from evaluation.alarm_city import measure_city
from evaluation.alarm_curve import curves
from evaluation.alarm_injections import Judging
from evaluation.alarm_measure import Plan
from evaluation.alarm_page import page
from evaluation.alarm_quiet import hourly_silences, unit_silences
from evaluation.alarm_real import measure_real
from evaluation.commands.reporting import add_report, say
from evaluation.page import write_texts
from triage.alarms.rules import load_rules
from triage.errors import UnusableFile
from triage.request import Json
from triage.workorder.working_calendar import WorkingCalendar

PLAN = Path("evaluation/data/alarm_injections.toml")
SERIES = Path("../shared/data/series")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    add("--plan", type=Path, default=PLAN, help="注入什么、种子、阈值的网格")
    add("--series", type=Path, default=SERIES, help="真实日序列的文件夹；没有则跳过")
    add("--no-grid", action="store_true", help="不再试阈值的网格，只报告")
    add("--no-pictures", action="store_true", help="不画曲线（画图需要 matplotlib）")
    add("--jobs", type=int, default=1, choices=range(1, 65), metavar="N",
        help="进程数，一个进程测一座城市")  # fmt: skip
    add_report(parser, Path("evaluation/results/alarms.json"))


def run(args: argparse.Namespace) -> int:
    """Measure, write the report, its page and its curve, print the page."""
    plan, rules = _plan(args.plan), load_rules()
    report: dict[str, Json] = {"rules": rules.version, "plan": _plain(plan)}
    choosing = [] if args.no_grid else [int(one) for one in plan.numbers("seeds", "choose")]
    reported = [int(one) for one in plan.numbers("seeds", "report")]
    with ProcessPoolExecutor(args.jobs, mp_context=get_context("spawn")) as pool:
        tried = [pool.submit(_chosen, plan, seed) for seed in choosing]
        measured = [pool.submit(_cities, plan, seed) for seed in reported]
        if tried:
            report["chosen_on"] = [one.result() for one in tried]
        report["simulated"] = [city for one in measured for city in one.result()]
    if not args.series.is_dir():
        print(f"跳过真实序列：没有文件夹 {args.series}", file=sys.stderr)
    report["real"] = measure_real(args.series, plan, rules)
    if not args.no_pictures:
        path = args.out.with_name(f"{args.out.stem}_by_mean.svg")
        write_texts([(path, curves(report["simulated"]))])  # type: ignore[arg-type]
    say(args, report, page(report))
    return 0


def _chosen(plan: Plan, seed: int) -> Json:
    """Try the grid on a city with two years before, and with some months only."""
    cities = [Judging(one, load_rules(), WorkingCalendar()) for one in _both(plan, seed)]
    found = choose(cities, plan, load_rules())
    print(f"种子 {seed} 的网格已试", file=sys.stderr)
    return {"seed": seed, **found}


def _cities(plan: Plan, seed: int) -> list[dict[str, Json]]:
    """Measure a city with two years before and with some months only; hours and units once."""
    rules, found = load_rules(), list[dict[str, Json]]()
    for background in _both(plan, seed):
        found.append(measure_city(Judging(background, rules, WorkingCalendar()), plan, seed))
        if background.hours is not None:
            found[-1]["silence_of_hours"] = hourly_silences(background, plan, rules, seed)
            found[-1]["silence_of_units"] = unit_silences(background, plan, rules, seed)
        print(f"{background.name} 已测", file=sys.stderr)
    return found


def _both(plan: Plan, seed: int) -> tuple[Background, Background]:
    city = plan.city(seed)
    return city, city.shortened(plan.number("city", "short_days"))


def _plan(path: Path) -> Plan:
    try:
        return Plan(tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise UnusableFile(f"无法读取 {path}：应为 TOML，写法见 {PLAN}") from error


def _plain(plan: Plan) -> Json:
    """Return the plan as it is reported: TOML's days as text."""
    found: Json = json.loads(json.dumps(plan.table, default=str))
    return found
