"""检查政策文件与工作日历，逐条指出问题 (check a policy file and a city's working days).

    triage policy check my-city.toml
    triage policy check my-city.toml --calendar my-days.csv --json
    triage policy check                     # the shipped policy

退出码：0 正常；2 有问题。
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date, datetime
from pathlib import Path

from triage.catalogue.problems import Problem
from triage.intake.moments import SHANGHAI
from triage.request import Json
from triage.workorder.calendar_file import check_calendar
from triage.workorder.policy import Policy
from triage.workorder.policy_file import check_policy, load_policy
from triage.workorder.working_calendar import WorkingCalendar


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the one action and its options."""
    actions = parser.add_subparsers(required=True)
    check = actions.add_parser("check", help="检查一份政策文件，可同时检查工作日历")
    check.add_argument("file", nargs="?", type=Path, help="政策文件（TOML）；不写则为软件附带的")
    check.add_argument("--calendar", type=Path, metavar="CSV", help="本市的工作日历")
    check.add_argument("--json", action="store_true", help="输出 JSON")
    check.set_defaults(action=_check)


def run(args: argparse.Namespace) -> int:
    """Run the chosen action; returns the exit code."""
    return int(args.action(args))


def _check(args: argparse.Namespace) -> int:
    problems: list[Problem] = []
    policy: Policy | None = None
    if args.file is None:
        policy = load_policy()
    else:
        policy, problems = check_policy(args.file)
    calendar: WorkingCalendar | None = WorkingCalendar()
    if args.calendar is not None:
        calendar, more = check_calendar(args.calendar)
        problems = [*problems, *more]
    if args.json:
        rows: list[Json] = [problem.to_json() for problem in problems]
        version = policy.version if policy else None
        answer: Json = {"ok": not problems, "version": version, "problems": rows}
        print(json.dumps(answer, ensure_ascii=False, indent=2))
    elif policy is None or calendar is None:
        for problem in problems:
            print(problem)
        print(f"不通过：{len(problems)} 处问题", file=sys.stderr)
    else:
        _passed(policy, calendar)
    return 2 if problems else 0


def _passed(policy: Policy, calendar: WorkingCalendar) -> None:
    today = datetime.now(SHANGHAI).date()
    current = policy.on(today)
    print(f"通过：{policy.version}，{len(policy.periods)} 段，今天用 {current.effective_from} 起的")
    print(f"工作日历：{calendar.version}")
    years = calendar.unsettled(today, date(today.year + 1, 1, 1))
    if years:
        named = "、".join(map(str, years))
        print(f"提醒：{named} 年放假通知尚未录入，落在其中的期限会在录入后重算")
