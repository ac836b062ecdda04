"""统计诉求量：小时和日，主题 × 区县 × 镇街 × 渠道 (count requests over time, by topic and place).

    triage trends build --from-store
    triage trends build 2025.parquet 2026-10.jsonl --folder var/trends
    triage trends show --by topic,area --from 2026-10-01 --to 2026-10-31 --out runs/counts.csv

第二次起只重数有变化的日子：新到、补录、并单、改判都算。同一文件夹要么数文件，要么数库。
requests 是全部诉求，events 不含并入别件的。口径见 docs/trends.md。
退出码：0 正常；1 有受理时间读不懂的行；2 拒绝或无法使用。
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
from tqdm import tqdm

from triage.catalogue import Catalogue
from triage.catalogue.crosswalk import Crosswalk
from triage.commands.opening import add_database, opened_current
from triage.errors import UnusableFile
from triage.files import atomic_write
from triage.trends.building import Built, build_from_files
from triage.trends.codes import Codes
from triage.trends.folder import CountsFolder, default_trends_dir
from triage.trends.from_store import build_from_store
from triage.trends.reading import BY, Counts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(required=True)
    build = actions.add_parser("build", help="统计，或把统计更新到现在")
    build.add_argument("files", nargs="*", type=Path, metavar="FILE",
        help=".parquet、.csv、.jsonl；列 received_at，可有 id topic district township channel"
        " merged_into")  # fmt: skip
    build.add_argument("--from-store", action="store_true", help="数库里的工单")
    build.add_argument("--crosswalk", metavar="NAME", help="旧主题到现主题的对照表")
    add_database(build)
    build.set_defaults(action=_build)
    show = actions.add_parser("show", help="取出统计，写成 CSV")
    show.add_argument("--by", default="topic,area", help=f"逗号分隔：{'、'.join(BY)}")
    show.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DAY")
    show.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DAY")
    show.add_argument("--hourly", action="store_true", help="按小时；默认按日")
    show.add_argument("--measure", choices=("requests", "events"), default="requests")
    show.add_argument("--out", type=Path, required=True, metavar="CSV")
    show.set_defaults(action=_show)
    for one in (build, show):
        one.add_argument("--folder", type=Path, default=default_trends_dir(), metavar="DIR",
            help="统计的文件夹，默认取 TRIAGE_TRENDS_DIR，再默认 var/trends")  # fmt: skip
        one.add_argument("--catalogue", type=Path, metavar="DIR", help="代码表文件夹，默认随包")


def run(args: argparse.Namespace) -> int:
    """Carry out the action."""
    return int(args.action(args))


def _build(args: argparse.Namespace) -> int:
    if bool(args.files) == args.from_store:
        raise UnusableFile("请给出要统计的文件，或 --from-store，二者选一")
    codes = _codes(args)
    with tqdm(unit=" 条", desc="统计", disable=None, file=sys.stderr) as bar:
        built = _built(args, codes, bar)
    for name, labels in codes.unknown.items():
        most = sorted(labels.items(), key=lambda item: -item[1])[:5]
        some = "、".join(f"{label}（{n:,}）" for label, n in most)
        print(f"{name} 有 {sum(labels.values()):,} 条不在代码表里，计入“未写明”：{some}",
            file=sys.stderr)  # fmt: skip
    print(f"重数 {built.days:,} 天，{built.rows:,} 条，拒收 {built.refused:,} 条 → {args.folder}",
        file=sys.stderr)  # fmt: skip
    return 1 if built.refused else 0


def _built(args: argparse.Namespace, codes: Codes, bar: tqdm[None]) -> Built:
    folder, now = CountsFolder(args.folder), datetime.now(UTC)
    if not args.from_store:
        return build_from_files(folder, args.files, codes, now=now, progress=bar.update)
    with opened_current(args.database) as database:
        return build_from_store(folder, database, codes, now=now, progress=bar.update)


def _show(args: argparse.Namespace) -> int:
    counts = Counts(CountsFolder(args.folder), Catalogue.load(args.catalogue))
    counts.manifest()
    by = [name for name in args.by.split(",") if name]
    read = counts.hourly if args.hourly else counts.daily
    frame = read(by, args.first, args.last)
    when = pl.col("day").cast(pl.String)
    if args.hourly:
        when = when + "T" + pl.col("hour").cast(pl.String).str.zfill(2) + ":00"
    table = frame.select(*by, when.alias("date"), pl.col(args.measure).alias("count"))
    with atomic_write(args.out) as file:
        table.write_csv(file)
    print(f"{table.height:,} 行 → {args.out}", file=sys.stderr)
    return 0


def _codes(args: argparse.Namespace) -> Codes:
    catalogue = Catalogue.load(args.catalogue)
    crosswalk = None
    if args.crosswalk:
        crosswalk = Crosswalk.load(args.crosswalk, topics=catalogue.topics, folder=args.catalogue)
    return Codes(catalogue, crosswalk)
