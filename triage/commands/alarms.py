"""预警：突发、苗头、静默、来话超量；开立、确认、合并、办结 (raise alarms and see them through).

    triage alarms run --build
    triage alarms run --hours --staffing 排班.csv
    triage alarms run --input counts.csv --dry-run --json
    triage alarms list --state OPEN --kind outbreak
    triage alarms show A20261125-7Q2K9X
    triage alarms close A20261125-7Q2K9X --outcome TRUE --note 供水管爆裂
    triage alarms merge A20261125-7Q2K9X --into A20261125-1B3D5F
    triage alarms precision --since 2026-10-01

run 判断最后一个整天（--day 可改），--hours 另看最近几小时；同一天跑两次不会重复开立。
--input 的列：date、count，可有 topic、area 或 district、channel。规则见 docs/alarms.md。
退出码：0 正常；2 拒绝或无法使用。
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import socket
import sys
from datetime import date, datetime
from pathlib import Path

from triage.alarms.alarm import Alarm, AlarmState, Outcome
from triage.alarms.findings import AlarmKind
from triage.alarms.load import read_staffing
from triage.alarms.telling import sentence
from triage.catalogue import Catalogue
from triage.commands.opening import add_database, opened_current
from triage.desk import alarms
from triage.desk.actor import Actor
from triage.desk.alarm_raising import Raised, raise_findings
from triage.desk.alarm_room import AlarmRoom, open_room
from triage.desk.alarm_rows import evidence_of
from triage.desk.alarm_series import from_counts, from_file
from triage.desk.alarm_view import alarm_json, precision_json
from triage.desk.alarm_watch import Seen, watch_day, watch_hours, yesterday
from triage.desk.alarms import AlarmWish
from triage.request import Json
from triage.trends.codes import Codes
from triage.trends.folder import CountsFolder, default_trends_dir
from triage.trends.from_store import build_from_store
from triage.trends.reading import Counts
from triage.workorder.working_calendar import start_of_day

_EVIDENCE = {
    "method": "方法",
    "threshold": "到线",
    "dispersion": "离散程度（方差 ÷ 均值）",
    "rate": "错误发现率",
    "statistics": "统计量",
    "terms": "常见说法",
    "requests": "工单",
    "parts": "下级序列",
    "proposes": "建议",
    "curve": "曲线（件数/预期）",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(required=True)
    _add_run(actions.add_parser("run", help="判断，并开立预警"))
    listing = actions.add_parser("list", help="列出预警，新的在前")
    listing.add_argument("--state", choices=[one.value for one in AlarmState], help="只列这个状态")
    listing.add_argument("--kind", choices=[one.value for one in AlarmKind], help="只列这一种")
    listing.add_argument("--limit", type=int, default=alarms.DEFAULT_LIMIT, metavar="N")
    listing.set_defaults(action=_list)
    showing = actions.add_parser("show", help="看一条：证据和一生")
    showing.add_argument("id", metavar="ID", help="预警编号")
    showing.set_defaults(action=_show)
    counting = actions.add_parser("precision", help="按结论统计各种预警的准确率")
    counting.set_defaults(action=_precision)
    for one in (listing, counting):
        one.add_argument("--since", type=date.fromisoformat, metavar="DAY", help="这天起开立的")
    _add_deeds(actions)
    for one in actions.choices.values():
        one.add_argument("--json", action="store_true", help="输出 JSON")
        one.add_argument("--rules", type=Path, metavar="TOML", help="本市的预警规则，默认随包")
        one.add_argument("--catalogue", type=Path, metavar="DIR", help="本市的代码表，默认随包")
        add_database(one)


def run(args: argparse.Namespace) -> int:
    """Carry out the action."""
    with opened_current(args.database) as database:
        catalogue = Catalogue.load(args.catalogue)
        room = open_room(database, catalogue, rules=args.rules)
        return int(args.action(args, room, catalogue))


def _add_run(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--day", type=date.fromisoformat, metavar="DAY", help="判断哪一天，默认昨天")
    add("--input", type=Path, metavar="CSV", help="从文件读计数，默认读统计文件夹")
    add("--folder", type=Path, default=default_trends_dir(), metavar="DIR", help="统计文件夹")
    add(
        "--build",
        action="store_true",
        help="先把统计更新到现在（triage trends build --from-store）",
    )
    add("--hours", action="store_true", help="另看最近几小时：渠道静默、来电风暴、来话超量")
    add("--staffing", type=Path, metavar="CSV", help="在岗人数：hour,workday,restday")
    add("--dry-run", action="store_true", help="只判断，不开立")
    parser.set_defaults(action=_run)


def _add_deeds(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    acknowledge = actions.add_parser("acknowledge", help="确认：有人在看了")
    close = actions.add_parser("close", help="办结，写明结论")
    close.add_argument("--outcome", required=True, choices=[one.value for one in Outcome],
        help="TRUE 属实，KNOWN 属实但事先知道，FALSE 误报，UNCLEAR 说不清")  # fmt: skip
    merge = actions.add_parser("merge", help="并入另一条没有办结的预警")
    merge.add_argument("--into", required=True, metavar="ID", help="并入哪一条")
    for one, action in ((acknowledge, _acknowledge), (close, _close), (merge, _merge)):
        one.add_argument("id", metavar="ID", help="预警编号")
        one.add_argument("--note", default="", help="说明")
        one.set_defaults(action=action)


def _run(args: argparse.Namespace, room: AlarmRoom, catalogue: Catalogue) -> int:
    if args.build:
        codes = Codes(catalogue)
        build_from_store(CountsFolder(args.folder), room.database, codes, now=room.now())
    counts = None if args.input else Counts(CountsFolder(args.folder), catalogue)
    if counts is None:
        series = from_file(args.input, catalogue, args.day)
    else:
        series = from_counts(counts, catalogue, args.day or yesterday(room))
    seen = watch_day(room, series)
    if args.hours:
        staffing = read_staffing(args.staffing) if args.staffing else None
        later = watch_hours(room, counts, staffing)
        seen = Seen(seen.findings + later.findings, seen.notes + later.notes)
    raised = Raised() if args.dry_run else raise_findings(room, seen.findings, _holder())
    _tell(args, room, seen, raised)
    return 0


def _tell(args: argparse.Namespace, room: AlarmRoom, seen: Seen, raised: Raised) -> None:
    if args.json:
        found = [
            {"kind": one.kind.value, "series": one.key.code, **evidence_of(one, room.names)}
            for one in seen.findings
        ]
        print(
            json.dumps({"findings": found, "opened": raised.opened}, ensure_ascii=False, indent=1)
        )
    else:
        for one in seen.findings:
            print(sentence(one, room.names))
    for note in seen.notes:
        print(note, file=sys.stderr)
    if raised.is_busy:
        print("另一个进程正在开立预警，这次没有写入", file=sys.stderr)
    print(
        f"发现 {len(seen.findings)}，新开 {len(raised.opened)}，仍在 {len(raised.seen)}，"
        f"冷却中 {raised.cooling}，平息 {len(raised.calmed)}",
        file=sys.stderr,
    )


def _list(args: argparse.Namespace, room: AlarmRoom, catalogue: Catalogue) -> int:
    states = frozenset({args.state}) if args.state else frozenset()
    kinds = frozenset({args.kind}) if args.kind else frozenset()
    wish = AlarmWish(states, kinds, since=_since(args), limit=args.limit)
    page = alarms.listed(room, wish, _me())
    if args.json:
        items = [alarm_json(one, _me()) for one in page.alarms]
        print(json.dumps({"items": items}, ensure_ascii=False, indent=1))
        return 0
    for one in page.alarms:
        calm = "（已平息）" if one.is_calm and one.is_live else ""
        print(f"{one.id} {one.state}{calm} {one.outcome} {one.evidence['summary']}")
    if not page.alarms:
        print("没有预警", file=sys.stderr)
    return 0


def _show(args: argparse.Namespace, room: AlarmRoom, catalogue: Catalogue) -> int:
    one = alarms.shown(room, args.id, _me())
    if args.json:
        return _told(args, one)
    told = alarm_json(one, _me())["evidence"]
    assert isinstance(told, dict)
    print(f"{one.id} {one.state} {one.outcome}".strip())
    print(told["summary"])
    for name, words in _EVIDENCE.items():
        if told.get(name):
            print(f"{words}：{_plain(told[name])}")
    for done in one.steps:
        print(
            f"{done.at.isoformat(timespec='seconds')} {done.step} {done.actor} {done.note}".strip()
        )
    return 0


def _plain(value: Json) -> str:
    """Return a list or a table of evidence on one line; a curve as count/expected by day."""
    if isinstance(value, dict):
        return "，".join(f"{name} {one}" for name, one in value.items())
    if isinstance(value, float):
        return f"{value:.4g}"
    if not isinstance(value, list):
        return str(value)
    points = [one for one in value if isinstance(one, dict)]
    if points:
        return "，".join(f"{one['at']} {one['count']}/{one['expected']}" for one in points)
    return "、".join(map(str, value))


def _precision(args: argparse.Namespace, room: AlarmRoom, catalogue: Catalogue) -> int:
    found = alarms.precision(room, AlarmWish(since=_since(args)), _me())
    if args.json:
        rows = [precision_json(one) for one in found]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    for one in found:
        value = "还没有结论" if one.value is None else f"准确率 {one.value:.2f}"
        print(
            f"{one.kind.value}：{value}（属实 {one.true}，误报 {one.false}，"
            f"说不清 {one.unclear}，未办结 {one.live}，并入 {one.merged}）"
        )
    return 0


def _acknowledge(args: argparse.Namespace, room: AlarmRoom, catalogue: Catalogue) -> int:
    return _told(args, alarms.acknowledge(room, args.id, _me(), note=args.note))


def _close(args: argparse.Namespace, room: AlarmRoom, catalogue: Catalogue) -> int:
    return _told(args, alarms.close(room, args.id, args.outcome, _me(), note=args.note))


def _merge(args: argparse.Namespace, room: AlarmRoom, catalogue: Catalogue) -> int:
    return _told(args, alarms.merge(room, args.id, args.into, _me(), note=args.note))


def _told(args: argparse.Namespace, one: Alarm) -> int:
    if args.json:
        print(json.dumps(alarm_json(one, _me()), ensure_ascii=False, indent=1))
    else:
        print(f"{one.id} {one.state} {one.outcome}".strip())
    return 0


def _since(args: argparse.Namespace) -> datetime | None:
    return start_of_day(args.since) if args.since else None


def _me() -> Actor:
    """Return who is at this command line: whoever may open the database may do everything."""
    return Actor(f"cli:{getpass.getuser()}", frozenset({"administrator"}))


def _holder() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:64]
