"""推演：改排班、加单位、改时限、来一场风暴，等待、超期和最差的单位会怎样 (what if).

    triage whatif --days 30 --database postgresql://triage@db/triage --deadline 0.5
    triage whatif --days 30 --storm 200,6,2000,POWER_CO,0.8
    triage whatif --days 30 --staffing 新排班.csv --staffing-now 现排班.csv
    triage whatif --days 30 --new-unit NEW,URBAN_MGMT,0.4,60
    triage whatif --days 30 --replay --json

总是与“照原样”并列，给出多个随机种子的区间。作依据的还有此前的 60 天（--history）。
--replay 只凭此前的日子推演这一段，与实际比较：信不信推演，先看它。
--storm 的写法：第几小时起,持续几小时,多少通,单位[,并单的比例]。
--new-unit 的写法：新单位,从哪个单位分,分几成,同时能办几件。怎么推演见 docs/whatif.md。
退出码：0 正常；2 拒绝或无法使用。
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from triage.alarms.load import read_staffing
from triage.catalogue import Catalogue
from triage.commands.opening import add_database, opened_current
from triage.commands.progress import add_progress, shown_progress
from triage.errors import InvalidRequest
from triage.files import atomic_write
from triage.request import Json
from triage.simulate import CityPlan
from triage.store.scorecard_facts import Span
from triage.trends.day_kinds import calendar_of
from triage.whatif import (
    Case,
    NewUnit,
    Period,
    Scenario,
    Storm,
    compare,
    replay,
)
from triage.whatif.agents import agents_needed
from triage.whatif.cases import PHONE, from_city, from_ledger, period_of
from triage.whatif.telling import outcome_lines, replay_lines
from triage.workorder.calendar_file import load_calendar
from triage.workorder.working_calendar import shanghai_day

CITY_START = date(2025, 3, 3)
MOST_DAYS = 366
_EARLIEST = date(2000, 1, 1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("--days", type=int, default=30, metavar="N", help="用库里最近多少天的工单，默认 30")
    add("--until", type=date.fromisoformat, metavar="DAY", help="到哪天为止（含），默认昨天")
    add(
        "--history",
        type=int,
        metavar="N",
        default=60,
        help="另用此前多少天作依据，默认 60：太短看不到久办不结的",
    )
    add("--simulated", type=int, metavar="N", help="不读库，用模拟城市的 N 天")
    add("--per-day", type=float, default=300.0, metavar="N", help="模拟城市每天多少条，默认 300")
    add("--staffing", type=Path, metavar="CSV", help="改成的排班：hour,workday,restday，在岗人数")
    add("--staffing-now", type=Path, metavar="CSV", help="现在的排班；不写按各小时平均来话量配够")
    add("--call-minutes", type=float, default=6.0, metavar="N", help="一通来话几分钟，默认 6")
    add("--deadline", type=float, metavar="X", help="时限乘以几，如 0.5")
    add("--desks", type=float, metavar="X", help="各单位同时能办的件数乘以几")
    add("--new-unit", metavar="CODE,FROM,SHARE,DESKS", help="新单位")
    add("--storm", metavar="AT,HOURS,CALLS,UNIT[,MERGED]", help="风暴")
    add("--seeds", type=int, default=20, metavar="N", help="几个随机种子，默认 20")
    add("--replay", action="store_true", help="只凭此前的日子推演这一段，与实际比较")
    add("--json", action="store_true", help="输出 JSON")
    add("--out", type=Path, metavar="JSON", help="结果写到哪里；不写就打印")
    add("--catalogue", type=Path, metavar="DIR", help="本市的代码表，默认随包")
    add("--calendar", type=Path, metavar="CSV", help="本市的工作日历")
    add_database(parser)
    add_progress(parser)


def run(args: argparse.Namespace) -> int:
    """Simulate and print."""
    for option, least, most in (("days", 1, MOST_DAYS), ("history", 0, MOST_DAYS),
            ("simulated", 1, MOST_DAYS), ("seeds", 2, 1000)):  # fmt: skip
        _check_between(option, getattr(args, option), least, most)
    catalogue = Catalogue.load(args.catalogue)
    names = {code: one.name for code, one in catalogue.units.items()}
    cases, period = _read(args, catalogue)
    as_it_was = _as_it_was(args, cases, period)
    runs = args.seeds * (1 if args.replay else 2)
    with shown_progress(runs, desc="推演", as_lines=args.progress_lines) as progress:
        if args.replay:
            found = replay(cases, period, as_it_was, seeds=args.seeds, progress=progress)
            return _give(args, found, replay_lines(found, names))
        scenarios = [as_it_was, _changed(args, as_it_was)]
        outcomes = compare(cases, period, scenarios, seeds=args.seeds, progress=progress)
    rows: list[Json] = [one.to_json() for one in outcomes]
    return _give(args, rows, outcome_lines(outcomes, names))


def _read(args: argparse.Namespace, catalogue: Catalogue) -> tuple[list[Case], Period]:
    calendar = calendar_of("CN", load_calendar(args.calendar))
    if args.simulated is not None:
        plan = CityPlan(args.simulated + args.history, args.per_day, start=CITY_START)
        return from_city(plan, history=args.history, calendar=calendar)
    now = datetime.now(UTC)
    yesterday = shanghai_day(now) - timedelta(days=1)
    last = args.until or yesterday
    if not _EARLIEST <= last <= yesterday:
        raise _wrong("until", str(last), f"{_EARLIEST} 到昨天（{yesterday}）之间的一天")
    span = Span(last - timedelta(days=args.days - 1), last)
    with opened_current(args.database) as database, database.snapshot() as connection:
        phone = {PHONE, *(one.name for one in catalogue.channels.values() if one.code == PHONE)}
        cases = from_ledger(connection, span, history=args.history, phone=phone)
    if not any(case.at >= 0 for case in cases):
        raise InvalidRequest(
            "whatif_empty",
            f"{span.first} 至 {span.last} 库里没有一件工单；请用 --until 或 --days 换一段时间",
            field="until",
        )
    return cases, period_of(span, history=args.history, calendar=calendar, now=now)


def _as_it_was(args: argparse.Namespace, cases: Sequence[Case], period: Period) -> Scenario:
    _check_between("call-minutes", args.call_minutes, 0.1, 240)
    if args.staffing_now is not None:
        now = read_staffing(args.staffing_now)
        agents, rest = now.workday, now.restday
    else:
        agents, rest = agents_needed(cases, period, args.call_minutes)
    return Scenario("照原样", agents=agents, rest_agents=rest, call_minutes=args.call_minutes)


def _changed(args: argparse.Namespace, as_it_was: Scenario) -> Scenario:
    scenario = replace(as_it_was, name="推演")
    if args.staffing is not None:
        table = read_staffing(args.staffing)
        scenario = replace(scenario, agents=table.workday, rest_agents=table.restday)
    if args.deadline is not None:
        scenario = replace(scenario, deadline=args.deadline)
    if args.desks is not None:
        scenario = replace(scenario, unit_desks=args.desks)
    if args.new_unit is not None:
        scenario = replace(scenario, new_unit=_new_unit(args.new_unit))
    if args.storm is not None:
        scenario = replace(scenario, storm=_storm(args.storm))
    return scenario


def _new_unit(text: str) -> NewUnit:
    try:
        code, source, share, desks = (part.strip() for part in text.split(","))
        return NewUnit(code, source, float(share), int(desks))
    except ValueError as error:
        raise _wrong("new-unit", text, "CODE,FROM,SHARE,DESKS") from error


def _storm(text: str) -> Storm:
    try:
        at, hours, calls, unit, *merged = (part.strip() for part in text.split(","))
        share = float(merged[0]) if merged else 0.0
        return Storm(float(at), float(hours), int(calls), unit, share)
    except ValueError as error:
        raise _wrong("storm", text, "AT,HOURS,CALLS,UNIT[,MERGED]") from error


def _give(args: argparse.Namespace, found: Json, lines: list[str]) -> int:
    text = json.dumps(found, ensure_ascii=False, indent=1)
    if args.out is not None:
        with atomic_write(args.out) as file:
            file.write(f"{text}\n".encode())
        print(f"→ {args.out}", file=sys.stderr)
    elif args.json:
        print(text)
    else:
        print("\n".join(lines))
    return 0


def _check_between(option: str, value: float | None, least: float, most: float) -> None:
    if value is not None and not least <= value <= most:
        raise _wrong(option, str(value), f"{least} 到 {most} 之间")


def _wrong(option: str, value: str, wanted: str) -> InvalidRequest:
    return InvalidRequest(
        "whatif_invalid", f"--{option} 的值 {value!r:.60} 应为{wanted}", field=option
    )
