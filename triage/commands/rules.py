"""裁定规则：查看、制定、终止、试算，打包发布与采纳 (routing rules that rulings became).

    triage rules list
    triage rules add --unit URBAN_MGMT --topic SR03 --until 2027-06-30 --basis "会商纪要"
    triage rules expire R20260303-7Q2K9X
    triage rules simulate --rules runs/changed.json --from 2026-02-01 --to 2026-02-28
    triage rules pack --publisher 渝中区 --region 500103 --out runs/pack.json
    triage rules adopt runs/pack.json --region 500106 --dry-run

试算按“提出建议时”的主题、区域、文字重放该段日期收到的工单，不写入任何内容；--rules 的格式即
triage rules list --json 的输出。采纳前请向发布方核对摘要（--digest）。
退出码：0 正常；2 拒绝或无法使用。
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from triage.catalogue import Catalogue
from triage.commands import rule_tables
from triage.commands.opening import add_database, opened_current
from triage.desk.actor import Actor
from triage.desk.codes import codes_of
from triage.desk.pack_file import make_pack, read_pack
from triage.desk.routing import RuleDraft, add_rule, expire_rule, rule_json
from triage.desk.rule_file import read_rules
from triage.desk.rule_packs import adopt, after, compare, placed
from triage.desk.rule_trial import try_rules
from triage.errors import TriageError
from triage.files import atomic_write
from triage.store.routing_rules import all_rules, rules_in_force
from triage.workorder.numbers import SHANGHAI
from triage.workorder.routing_rules import Scope
from triage.workorder.rule_check import Codes
from triage.workorder.rule_trial import Trial
from triage.workorder.working_calendar import shanghai_day

_MONTH = timedelta(days=30)
_YEAR = timedelta(days=365)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the six actions and their options."""
    actions = parser.add_subparsers(required=True)
    listing = actions.add_parser("list", help="列出现行规则")
    listing.add_argument("--all", action="store_true", help="也列出已失效的")
    listing.set_defaults(action=_list)
    _add_arguments(actions.add_parser("add", help="制定一条规则"))
    ending = actions.add_parser("expire", help="终止一条规则；记录保留")
    ending.add_argument("rule", metavar="ID")
    ending.set_defaults(action=_expire)
    trying = actions.add_parser("simulate", help="按另一套规则重放一段日期的工单")
    trying.add_argument("--rules", type=Path, required=True, metavar="FILE", help="要试的全部规则")
    trying.add_argument("--from", dest="since", required=True, metavar="DATE", help="第一天")
    trying.add_argument("--to", dest="until", required=True, metavar="DATE", help="最后一天")
    trying.set_defaults(action=_simulate)
    packing = actions.add_parser("pack", help="把现行规则与裁定打成规则包")
    packing.add_argument("--out", type=Path, required=True, metavar="FILE")
    packing.add_argument("--publisher", required=True, metavar="NAME", help="发布方名称")
    packing.add_argument("--region", default="", metavar="CODE", help="只取这个区域和不限区域的")
    packing.set_defaults(action=_pack)
    adopting = actions.add_parser("adopt", help="比较、试算并采纳别处的规则包")
    adopting.add_argument("file", type=Path, metavar="FILE")
    adopting.add_argument("--region", default="", metavar="CODE", help="采纳后只用于这个区域")
    adopting.add_argument("--digest", default="", metavar="SHA256", help="发布方告知的摘要")
    which = adopting.add_mutually_exclusive_group(required=True)
    which.add_argument("--dry-run", action="store_true", help="只比较，并用近 30 天的工单试算")
    which.add_argument("--apply", action="store_true", help="采纳，并记入台账")
    adopting.set_defaults(action=_adopt)
    for action in actions.choices.values():
        add_database(action)
        action.add_argument("--catalogue", type=Path, metavar="DIR", help="本市的代码表")
        action.add_argument("--json", action="store_true", help="输出 JSON")


def run(args: argparse.Namespace) -> int:
    """Run the chosen action; returns the exit code."""
    return int(args.action(args))


def _add_arguments(adding: argparse.ArgumentParser) -> None:
    adding.add_argument("--unit", required=True, metavar="CODE", help="派给的单位")
    adding.add_argument(
        "--support", action="append", default=[], metavar="CODE", help="协办，可多次"
    )
    adding.add_argument("--topic", default="", metavar="CODE", help="主题代码，或前缀加 *")
    adding.add_argument("--region", default="", metavar="CODE", help="区域代码")
    adding.add_argument("--keyword", action="append", default=[], metavar="WORD", help="可多次")
    adding.add_argument("--until", required=True, metavar="DATE", help="有效的最后一天")
    adding.add_argument("--basis", required=True, metavar="TEXT", help="依据")
    adding.set_defaults(action=_add)


def _list(args: argparse.Namespace) -> int:
    with opened_current(args.database) as database, database.read() as connection:
        rules = (
            all_rules(connection) if args.all else rules_in_force(connection, shanghai_day(_now()))
        )
    if args.json:
        _print_json({"rules": [rule_json(rule) for rule in rules]})
    else:
        rule_tables.print_rules(rules)
    return 0


def _add(args: argparse.Namespace) -> int:
    draft = RuleDraft(
        args.unit,
        Scope(args.topic, args.region, tuple(args.keyword)),
        _day("--until", args.until),
        args.basis,
        tuple(args.support),
    )
    with opened_current(args.database) as database, database.write() as connection:
        rule, against = add_rule(connection, draft, _codes(args), now=_now(), actor=_actor())
    if args.json:
        _print_json({"rule": rule_json(rule), "conflicts": [one.id for one in against]})
    else:
        print(rule.id)
        for other in against:
            print(
                f"与现行规则 {other.id}（派 {other.unit}）同样具体：以新规则为准", file=sys.stderr
            )
    return 0


def _expire(args: argparse.Namespace) -> int:
    with opened_current(args.database) as database, database.write() as connection:
        rule = expire_rule(connection, args.rule, now=_now(), actor=_actor())
    if args.json:
        _print_json(rule_json(rule))
    else:
        print(f"规则 {rule.id} 已终止", file=sys.stderr)
    return 0


def _simulate(args: argparse.Namespace) -> int:
    since, until = _day("--from", args.since), _day("--to", args.until)
    if until < since:
        raise TriageError(f"--to {until} 早于 --from {since}：请对调", field="to")
    codes = _codes(args)
    rules = read_rules(args.rules, codes, now=_now(), today=since)
    end = _begin(until + timedelta(days=1))
    with opened_current(args.database) as database:
        trial = try_rules(database, rules, codes, since=_begin(since), until=end)
    if args.json:
        _print_json(rule_tables.trial_json(trial))
    else:
        rule_tables.print_trial(trial)
    return 0


def _pack(args: argparse.Namespace) -> int:
    now = _now()
    with opened_current(args.database) as database, database.snapshot() as connection:
        pack = make_pack(
            connection, publisher=args.publisher, region=args.region, since=now - _YEAR, now=now
        )
    with atomic_write(args.out) as file:
        file.write(json.dumps(pack, ensure_ascii=False, indent=1).encode() + b"\n")
    if args.json:
        _print_json({"digest": pack["digest"], "file": str(args.out)})
    else:
        print(f"摘要 {pack['digest']} → {args.out}；请另行告知采纳方", file=sys.stderr)
    return 0


def _adopt(args: argparse.Namespace) -> int:
    now, codes = _now(), _codes(args)
    if args.region and args.region not in codes.regions:
        raise TriageError(f"区域代码 {args.region!r} 不在代码表中", field="region")
    pack = placed(read_pack(args.file, now=now, expected=args.digest), args.region)
    trial: Trial | None = None
    with opened_current(args.database) as database:
        if args.apply:
            with database.write() as connection:
                diff = adopt(connection, pack, codes, now=now, actor=_actor())
        else:
            with database.read() as connection:
                own = rules_in_force(connection, shanghai_day(now))
            diff = compare(pack, own, codes, today=shanghai_day(now))
            trial = try_rules(database, after(own, diff), codes, since=now - _MONTH, until=now)
    if args.json:
        _print_json(rule_tables.diff_json(pack, diff, trial))
    else:
        rule_tables.print_diff(pack, diff)
        if trial is not None:
            rule_tables.print_trial(trial)
    return 0


def _codes(args: argparse.Namespace) -> Codes:
    return codes_of(Catalogue.load(args.catalogue), shanghai_day(_now()))


def _actor() -> Actor:
    return Actor(f"cli:{getpass.getuser()}", frozenset({"administrator"}))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise TriageError(f"{option} 的值 {text!r} 应为日期，如 2026-03-01") from None


def _now() -> datetime:
    return datetime.now(UTC)


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
