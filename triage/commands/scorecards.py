"""由台账和工单重算各单位的办理情况 (recompute scorecards).

    triage scorecards --from 2026-10-01 --to 2026-10-31 --by unit --out runs/cards.xlsx
    triage scorecards --from 2026-10-01 --to 2026-10-31 --by month --out runs/cards.csv
    triage scorecards --from 2026-10-01 --to 2026-10-31 --out runs/cards.json --from-ledger

按受理日统计，含截止日当天；格式由扩展名决定。各指标的定义见 docs/scorecards.md。按代码排列，
不排名。--from-ledger 不看工单表，只凭台账重放，结果应当相同。
退出码：0 正常；2 拒绝或无法使用。
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from triage.catalogue import Catalogue
from triage.commands.opening import add_database, opened_current
from triage.desk.actor import SYSTEM
from triage.desk.clocks import PolicyClocks
from triage.desk.reports import open_reports
from triage.desk.scorecard_files import as_csv, as_json, as_xlsx
from triage.desk.scorecards import ScorecardReport, scorecards_of
from triage.errors import UnusableFile
from triage.files import atomic_write
from triage.workorder.calendar_file import load_calendar
from triage.workorder.policy_file import load_policy
from triage.workorder.scorecards import LEAST, By

WRITERS: Mapping[str, Callable[[ScorecardReport], bytes]] = {
    ".csv": as_csv,
    ".json": as_json,
    ".xlsx": as_xlsx,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_database(parser)
    add = parser.add_argument
    add(
        "--from", dest="first", type=date.fromisoformat, required=True, help="起始日，如 2026-10-01"
    )
    add("--to", dest="last", type=date.fromisoformat, required=True, help="截止日，含当天")
    add("--by", type=By, choices=list(By), default=By.UNIT, help="按什么分组，默认 unit")
    add("--out", type=Path, required=True, metavar="FILE", help="如 runs/cards.xlsx、.csv、.json")
    add("--least", type=int, default=LEAST, metavar="N", help=f"少于几件为样本不足，默认 {LEAST}")
    add("--catalogue", type=Path, metavar="DIR", help="本市的代码表，默认随包")
    add("--policy", type=Path, metavar="TOML", help="本市的政策文件，默认随包")
    add("--calendar", type=Path, metavar="CSV", help="本市的工作日历")
    add("--from-ledger", action="store_true", help="只凭台账重放；慢，用于核对")


def run(args: argparse.Namespace) -> int:
    """Recompute and write; returns the exit code."""
    write = WRITERS.get(args.out.suffix)
    if write is None:
        raise UnusableFile(f"不认识扩展名 {args.out.suffix!r}：可用 {'、'.join(WRITERS)}")
    clocks = PolicyClocks(load_policy(args.policy), load_calendar(args.calendar))
    catalogue = Catalogue.load(args.catalogue)
    with opened_current(args.database) as database:
        report = scorecards_of(
            open_reports(database, catalogue, clocks),
            args.first,
            args.last,
            args.by,
            SYSTEM,
            least=args.least,
            from_ledger=args.from_ledger,
        )
    content = write(report)
    with atomic_write(args.out) as file:
        file.write(content)
    orders = sum(card.orders for card in report.cards)
    print(f"{len(report.cards):,} 组，{orders:,} 件 → {args.out}", file=sys.stderr)
    return 0
