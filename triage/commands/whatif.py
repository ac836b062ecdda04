"""推演：改排班、加单位、改时限、来一场风暴，等待、超期和最差的单位会怎样 (what if).

    triage whatif --days 30 --database postgresql://triage@db/triage --deadline 0.5
    triage whatif --simulated 20 --per-day 300 --storm 200,6,2000,UTILITIES,0.8
    triage whatif --days 30 --staffing 排班.csv --new-unit NEW,URBAN_MGMT,0.4,60
    triage whatif --days 30 --replay

总是与“照原样”并列，给出多个随机种子的区间。--replay 用前一半的日子推演后一半，与实际比较。
--storm 的写法：第几小时起,持续几小时,多少通,单位[,并单的比例]。
--new-unit 的写法：新单位,从哪个单位分,分几成,同时能办几件。怎么推演见 docs/alarms.md。
退出码：0 正常；2 拒绝或无法使用。
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from triage.alarms.load import read_staffing
from triage.commands.opening import add_database, opened_current
from triage.errors import InvalidRequest
from triage.request import Json
from triage.simulate import CityPlan
from triage.store.scorecard_facts import Span
from triage.whatif import (
    Case,
    NewUnit,
    Scenario,
    Spread,
    Storm,
    compare,
    from_city,
    from_ledger,
    replay,
)
from triage.whatif.simulation import agents_needed
from triage.workorder.working_calendar import shanghai_day


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("--days", type=int, default=30, metavar="N", help="用库里最近多少天的工单，默认 30")
    add("--until", type=date.fromisoformat, metavar="DAY", help="到哪天为止（含），默认昨天")
    add("--simulated", type=int, metavar="N", help="不读库，用模拟城市的 N 天")
    add("--per-day", type=float, default=300.0, metavar="N", help="模拟城市每天多少条，默认 300")
    add("--staffing", type=Path, metavar="CSV", help="在岗人数：hour,workday,restday（用 workday）")
    add("--call-minutes", type=float, default=6.0, metavar="N", help="一通来话几分钟，默认 6")
    add("--deadline", type=float, metavar="X", help="时限乘以几，如 0.5")
    add("--desks", type=float, metavar="X", help="各单位同时能办的件数乘以几")
    add("--new-unit", metavar="CODE,FROM,SHARE,DESKS", help="新单位")
    add("--storm", metavar="AT,HOURS,CALLS,UNIT[,MERGED]", help="风暴")
    add("--seeds", type=int, default=20, metavar="N", help="几个随机种子，默认 20")
    add("--replay", action="store_true", help="用前一半推演后一半，与实际比较")
    add("--json", action="store_true", help="输出 JSON")
    add_database(parser)


def run(args: argparse.Namespace) -> int:
    """Simulate and print."""
    if not 2 <= args.seeds <= 1000:
        raise _wrong("seeds", str(args.seeds), "2 到 1000 之间")
    cases = _cases(args)
    as_it_was = _as_it_was(args, cases)
    if args.replay:
        middle = max((case.at for case in cases), default=0.0) / 2
        before = [case for case in cases if case.at < middle]
        after = [replace(case, at=case.at - middle) for case in cases if case.at >= middle]
        print(json.dumps(replay(before, after, as_it_was, seeds=args.seeds), ensure_ascii=False,
            indent=1))  # fmt: skip
        return 0
    found = compare(cases, [as_it_was, _changed(args, as_it_was)], seeds=args.seeds)
    if args.json:
        rows: list[Json] = [one.to_json() for one in found]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    for one in found:
        print(f"{one.name}：{one.orders:,} 件，{one.calls:,} 通来话")
        waits, long, gone = one.wait_minutes, one.long_waits, one.given_up
        print(f"  平均等待 {_of(waits, 1)} 分钟；等一分钟以上 {_of(long, 100)}%")
        print(f"  没等到就放弃 {_of(gone, 100)}%")
        print(f"  超期 {_of(one.overdue, 100)}%；办理时间中位数 {_of(one.hours, 1)} 小时")
        for unit, spread in one.worst:
            print(f"  {unit} 超期 {_of(spread, 100)}%")
    return 0


def _cases(args: argparse.Namespace) -> list[Case]:
    if args.simulated is not None:
        start = date(2025, 3, 3)
        return from_city(CityPlan(days=args.simulated, per_day=args.per_day, start=start))
    last = args.until or shanghai_day(datetime.now(UTC)) - timedelta(days=1)
    if not 1 <= args.days <= 366:
        raise _wrong("days", str(args.days), "1 到 366 之间")
    span = Span(last - timedelta(days=args.days - 1), last)
    with opened_current(args.database) as database, database.snapshot() as connection:
        return from_ledger(connection, span)


def _as_it_was(args: argparse.Namespace, cases: list[Case]) -> Scenario:
    agents = agents_needed(cases, args.call_minutes)
    return Scenario("照原样", agents=agents, call_minutes=args.call_minutes)


def _changed(args: argparse.Namespace, as_it_was: Scenario) -> Scenario:
    scenario = replace(as_it_was, name="推演")
    if args.staffing is not None:
        scenario = replace(scenario, agents=read_staffing(args.staffing).workday)
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


def _of(spread: Spread, times: float) -> str:
    return f"{spread.mean * times:.1f}（{spread.low * times:.1f}–{spread.high * times:.1f}）"


def _wrong(option: str, value: str, wanted: str) -> InvalidRequest:
    return InvalidRequest(
        "whatif_invalid", f"--{option} 的值 {value!r:.60} 应为{wanted}", field=option
    )
