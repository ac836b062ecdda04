"""测量预警：注入的突发与静默找到多少、多快，没有注入时误报多少 (measure alarms).

Injections, seeds and the grid of thresholds are in evaluation/data/alarm_injections.toml. Real
series are skipped, and said so, where they are absent.

  triage measure-alarms --out evaluation/results/alarms.json
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from pathlib import Path

from evaluation.alarm_city import measure_city
from evaluation.alarm_injections import Judging
from evaluation.alarm_measure import Plan, choose
from evaluation.alarm_page import page
from evaluation.alarm_real import measure_real
from evaluation.commands.reporting import add_report, say
from triage.alarms.rules import AlarmRules, load_rules
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
    add_report(parser, Path("evaluation/results/alarms.json"))


def run(args: argparse.Namespace) -> int:
    """Measure, write the report and its page, print the page."""
    plan, rules = _plan(args.plan), load_rules()
    report: dict[str, Json] = {"rules": rules.version, "plan": _plain(plan)}
    if not args.no_grid:
        cities = [_judging(plan, int(one), rules) for one in plan.numbers("seeds", "choose")]
        report["chosen_on"] = choose(cities, plan, rules)
    report["simulated"] = [
        one for seed in plan.numbers("seeds", "report") for one in _cities(plan, int(seed), rules)
    ]
    if not args.series.is_dir():
        print(f"跳过真实序列：没有文件夹 {args.series}", file=sys.stderr)
    report["real"] = measure_real(args.series, plan, rules)
    say(args, report, page(report))
    return 0


def _cities(plan: Plan, seed: int, rules: AlarmRules) -> list[Json]:
    """Measure a city twice: with two years before, and with some months only."""
    city = plan.city(seed)
    found: list[Json] = []
    for background in (city, city.shortened(plan.number("city", "short_days"))):
        judging = Judging(background, rules, WorkingCalendar())
        found.append(measure_city(judging, plan, seed))
        print(f"{background.name} 已测", file=sys.stderr)
    return found


def _judging(plan: Plan, seed: int, rules: AlarmRules) -> Judging:
    return Judging(plan.city(seed), rules, WorkingCalendar())


def _plan(path: Path) -> Plan:
    try:
        return Plan(tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise UnusableFile(f"无法读取 {path}：应为 TOML，写法见 {PLAN}") from error


def _plain(plan: Plan) -> Json:
    """Return the plan as it is reported: TOML's days as text."""
    found: Json = json.loads(json.dumps(plan.table, default=str))
    return found
