"""检查、查看、比较代码表，查某日的辖区，对照外部分类 (check and query code lists).

    triage catalogue check --catalogue my-city
    triage catalogue show topics --as-of 2026-01-01
    triage catalogue where 统景镇 --as-of 2025-11-06
    triage catalogue diff my-city-2025 my-city-2026
    triage catalogue crosswalk --map tipdm2020c --input labels.csv --output mapped.csv

退出码：0 正常；1 有对照不上的行（写入 <输出名>.rejects.csv）；2 代码表或输入无法使用。
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from triage.catalogue import Catalogue, Crosswalk, Region, Township, check_folder
from triage.catalogue.apply import apply_crosswalk
from triage.catalogue.diff import ADDED, CHANGED, REMOVED, compare_folders
from triage.catalogue.entries import entry_json
from triage.catalogue.folder import SHIPPED, shipped_folder
from triage.catalogue.places import Places
from triage.catalogue.schema import LISTS
from triage.errors import UnknownLabel, UnusableFile
from triage.request import Json

BEIJING = ZoneInfo("Asia/Shanghai")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the five actions and their options."""
    actions = parser.add_subparsers(required=True)
    check = actions.add_parser("check", help="检查一个代码表文件夹，逐条指出文件与行号")
    check.set_defaults(action=_check)
    show = actions.add_parser("show", help="列出某一张表在某日有效的条目；不写表名则列出各表条数")
    show.add_argument("list", nargs="?", choices=[spec.name for spec in LISTS])
    show.add_argument("--as-of", type=_day, metavar="YYYY-MM-DD", help="哪一天有效（默认今天）")
    show.set_defaults(action=_show)
    where = actions.add_parser("where", help="某镇街（或旧区县）在某日属于哪个区县")
    where.add_argument("township", help="镇街的名称或代码，也可以是区县")
    where.add_argument("--as-of", type=_day, metavar="YYYY-MM-DD", help="哪一天（默认今天）")
    where.add_argument("--known-on", type=_day, metavar="YYYY-MM-DD", help="按哪一天的记录回答")
    where.add_argument("--district", help="同名镇街用区县区分")
    where.set_defaults(action=_where)
    diff = actions.add_parser("diff", help="比较两个代码表文件夹：新增、删除、改动的条目")
    diff.add_argument("before", type=Path, metavar="A", help="旧的文件夹；写 shipped 即软件附带的")
    diff.add_argument("after", type=Path, metavar="B", help="新的文件夹")
    diff.add_argument("--json", action="store_true", help="输出 JSON")
    diff.set_defaults(action=_diff)
    cross = actions.add_parser("crosswalk", help="把外部分类对照为主题代码；不给输入则显示概况")
    cross.add_argument("--map", required=True, help="对照表的名字（如 tipdm2020c）或 CSV 文件")
    cross.add_argument("--input", type=Path, help="CSV，含来源各级的列")
    cross.add_argument("--output", type=Path, help="结果 CSV")
    cross.add_argument("--columns", help="输入中来源各级的列名，逗号分隔（默认按表头认出）")
    cross.set_defaults(action=_crosswalk)
    for action in (check, show, where, cross):
        action.add_argument("--catalogue", type=Path, metavar="DIR", help="自己的代码表文件夹")
        action.add_argument("--json", action="store_true", help="输出 JSON")


def run(args: argparse.Namespace) -> int:
    """Run the chosen action; returns the exit code."""
    return int(args.action(args))


def _check(args: argparse.Namespace) -> int:
    folder = args.catalogue or shipped_folder()
    problems = check_folder(folder)
    if args.json:
        _print_json({"ok": not problems, "problems": [problem.to_json() for problem in problems]})
    elif problems:
        for problem in problems:
            print(problem)
        print(f"不通过：{len(problems)} 处问题", file=sys.stderr)
    else:
        catalogue = Catalogue.load(folder)
        print(f"通过：{catalogue.version}，{_counts(catalogue)}")
    return 2 if problems else 0


def _show(args: argparse.Namespace) -> int:
    catalogue = Catalogue.load(args.catalogue)
    if args.list is None:
        identity = {"version": catalogue.version, "title": catalogue.identity.title}
        counts = {name: len(rows) for name, rows in _rows(catalogue, args.as_of).items()}
        if args.json:
            _print_json({**identity, "counts": dict(counts)})
        else:
            print(f"{identity['version']}  {identity['title']}")
            print("\n".join(f"{name}\t{count}" for name, count in counts.items()))
        return 0
    rows = _rows(catalogue, args.as_of)[args.list]
    if args.json:
        _print_json([*rows])
    elif rows:
        print("\t".join(rows[0]))
        for row in rows:
            print("\t".join(_cell(value) for value in row.values()))
    return 0


def _where(args: argparse.Namespace) -> int:
    catalogue = Catalogue.load(args.catalogue)
    as_of = args.as_of or _today()
    answers = _locate(catalogue.places, args, as_of)
    if args.json:
        _print_json([_answer(township, region, as_of) for township, region in answers])
        return 0
    for township, region in answers:
        subject = f"{township.name}（{township.code}）" if township else args.township
        print(f"{as_of} {subject} → {region.name}（{region.code}）")
    return 0


def _locate(
    places: Places, args: argparse.Namespace, as_of: date
) -> list[tuple[Township | None, Region]]:
    """Return every township so called with its district, and what the region so called became."""
    found = places.townships_named(args.township, as_of, args.known_on)
    if args.district is not None:
        found = places.hinted(found, args.district)
    answers: list[tuple[Township | None, Region]] = [
        (one, region)
        for one in found
        if (region := places.region(one.district, as_of, args.known_on)) is not None
    ]
    region = places.successor(args.township, as_of, known_on=args.known_on)
    if region is not None:
        answers.insert(0, (None, region))
    if not answers:
        message = f"{as_of} 没有叫“{args.township}”的镇街或区县；请写全名或代码"
        raise UnknownLabel(message, field="township")
    return answers


def _diff(args: argparse.Namespace) -> int:
    before, after = (
        shipped_folder() if str(path) == SHIPPED else path for path in (args.before, args.after)
    )
    differences = compare_folders(before, after)
    if args.json:
        _print_json([difference.to_json() for difference in differences])
        return 0
    for difference in differences:
        print(difference)
    counts = Counter(difference.kind for difference in differences)
    print(f"新增 {counts[ADDED]}，删除 {counts[REMOVED]}，改动 {counts[CHANGED]}")
    return 0


def _crosswalk(args: argparse.Namespace) -> int:
    catalogue = Catalogue.load(args.catalogue)
    crosswalk = Crosswalk.load(args.map, topics=catalogue.topics, folder=catalogue.folder)
    if args.input is None:
        return _summary(crosswalk, catalogue, as_json=args.json)
    output = args.output or args.input.with_suffix(".mapped.csv")
    columns = args.columns.split(",") if args.columns else None
    try:
        result = apply_crosswalk(
            crosswalk, catalogue.topics, source=args.input, output=output, columns=columns
        )
    except OSError as error:
        raise UnusableFile(
            f"无法读写 {error.filename}（{error.strerror}）；请检查路径和权限"
        ) from error
    if args.json:
        _print_json(
            {"mapped": result.mapped, "none": result.none, "rejected": result.rejected}
            | {"output": str(output), "rejects": str(result.rejects) if result.rejects else None}
        )
    else:
        print(f"对照 {result.mapped} 行（其中 {result.none} 行无对应主题）→ {output}")
        if result.rejects:
            print(f"退出 {result.rejected} 行 → {result.rejects}")
    return 1 if result.rejected else 0


def _summary(crosswalk: Crosswalk, catalogue: Catalogue, *, as_json: bool) -> int:
    relations, targets = dict(crosswalk.relations()), dict(crosswalk.targets())
    unreached = [code for code in catalogue.topics if code not in targets]
    if as_json:
        summary: dict[str, Json] = {"map": crosswalk.name, "rows": len(crosswalk.entries)}
        summary |= {"levels": list(crosswalk.levels), "relations": dict(relations)}
        _print_json(summary | {"targets": dict(targets), "unreached": list(unreached)})
        return 0
    print(f"{crosswalk.name}：{len(crosswalk.entries)} 行，来源列 {'、'.join(crosswalk.levels)}")
    print("、".join(f"{relation} {count}" for relation, count in relations.items()))
    print(f"到达 {len(targets)} 个主题，未到达 {len(unreached)} 个：{'、'.join(unreached)}")
    return 0


def _rows(catalogue: Catalogue, as_of: date | None) -> dict[str, list[dict[str, Json]]]:
    """Return the rows of every list that are in force on that day, by the latest record."""
    day = as_of or _today()
    rows = {
        name: [entry_json(entry) for entry in catalogue.in_force(name, day)]
        for name in catalogue.histories
    }
    rows["regions"] = [entry_json(region) for region in catalogue.places.regions_on(day)]
    rows["townships"] = [entry_json(place) for place in catalogue.places.townships_on(day)]
    rows["objects"] = [
        {"code": code, "words": list(words)} for code, words in catalogue.duties.objects.items()
    ]
    rows["unit_words"] = [
        {"code": code, "words": list(words)} for code, words in catalogue.unit_words.items()
    ]
    for name, entries in (
        ("duties", catalogue.duties.entries),
        ("bodies", catalogue.bodies.entries),
        ("boundaries", catalogue.boundaries),
    ):
        rows[name] = [entry_json(entry) for entry in entries if entry.valid.contains(day)]
    return rows


def _counts(catalogue: Catalogue) -> str:
    day = _today()
    confirmed = sum(duty.status == "verified" for duty in catalogue.duties.entries)
    return (
        f"主题 {len(catalogue.topics)}，条线 {len(catalogue.units)}，"
        f"派单目录 {len(catalogue.duties.entries)} 条（已核实 {confirmed}），"
        f"今日区县 {len(catalogue.districts(day))}，镇街 {len(catalogue.places.townships_on(day))}"
    )


def _answer(township: Township | None, region: Region, as_of: date) -> Json:
    return {
        "as_of": as_of.isoformat(),
        "township": entry_json(township) if township else None,
        "region": entry_json(region),
    }


def _cell(value: Json) -> str:
    if isinstance(value, list):
        return ";".join(str(item) for item in value)
    return "" if value is None else str(value)


def _print_json(value: Json) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _today() -> date:
    return datetime.now(BEIJING).date()


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"“{text}”不是日期；写成 2025-11-06") from error
