"""公布一个月的开放数据：k-匿名的件数 (publish open data).

    triage opendata --month 2026-10 --k 5 --out runs/opendata/2026-10.csv

每一格至少 k 件、k 个诉求人，不足的并入较粗的格；没有合计，没有内容。一个月只公布一次：文件
已在就拒绝，因为两次公布相减会露出个别诉求；也不要用不同的 k 公布同一个月。
退出码：0 正常；2 拒绝或无法使用。
"""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime
from pathlib import Path

from triage.catalogue import Catalogue
from triage.commands.opening import add_database, opened_current
from triage.desk.clocks import PolicyClocks
from triage.desk.opendata import open_data
from triage.desk.reports import open_reports
from triage.errors import UnusableFile
from triage.files import atomic_write
from triage.workorder.calendar_file import load_calendar
from triage.workorder.open_cells import DEFAULT_K, LEAST_K
from triage.workorder.policy_file import load_policy


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_database(parser)
    add = parser.add_argument
    add("--month", type=_month, required=True, metavar="YYYY-MM", help="哪个月，须已过完")
    add("--k", type=int, default=DEFAULT_K, help=f"每格至少几件，默认 {DEFAULT_K}，至少 {LEAST_K}")
    add("--out", type=Path, required=True, metavar="CSV", help="如 runs/opendata/2026-10.csv")
    add("--catalogue", type=Path, metavar="DIR", help="本市的代码表，默认随包")


def run(args: argparse.Namespace) -> int:
    """Publish; returns the exit code."""
    if args.out.exists():
        raise UnusableFile(f"{args.out} 已经在：一个月只公布一次，两次相减会露出个别诉求")
    clocks = PolicyClocks(load_policy(None), load_calendar(None))
    with opened_current(args.database) as database:
        reports = open_reports(database, Catalogue.load(args.catalogue), clocks)
        content = open_data(reports, args.month, k=args.k)
    with atomic_write(args.out) as file:
        file.write(content)
    cells = content.count(b"\n") - 1
    print(f"{cells:,} 格 → {args.out}", file=sys.stderr)
    return 0


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} 不是月份，应如 2026-10") from None
