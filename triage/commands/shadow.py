"""影子模型：让候选模型在后台判同样的工单，比一比再决定 (a challenger in the shadow).

    triage shadow run --model runs/2026-12/model --database postgresql://triage@db/triage
    triage shadow report --model retrained-1a2b3c4d

它是单独的进程，只读已落盘的工单、写自己的表：既不拖慢也不影响登记。
report 给出它与现用模型一致的比例。
有人工结论的工单请用 triage retrain --examples-only 写出，再用 triage compare 比较对错。
退出码：0 正常；2 拒绝或无法使用。
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import UTC, datetime
from pathlib import Path

from triage.commands.opening import add_database, opened_current
from triage.desk.shadow import Challenger, agreement, beginning, shade
from triage.model.artifact import read_manifest
from triage.pipeline import Pipeline
from triage.store.database import Database, StoreUnavailable

PAUSE_SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(required=True)
    run_ = actions.add_parser("run", help="判新来的工单，一直到停下")
    run_.add_argument("--model", type=Path, required=True, metavar="DIR", help="候选模型的文件夹")
    run_.add_argument("--catalogue", type=Path, metavar="DIR", help="本市的代码表，默认随包")
    run_.add_argument("--settings", type=Path, metavar="TOML", help="各步骤的开关和阈值")
    run_.add_argument("--once", action="store_true", help="判完现有的即退出")
    add_database(run_)
    run_.set_defaults(action=_run)
    report = actions.add_parser("report", help="与现用模型一致的比例，JSON")
    report.add_argument("--model", required=True, metavar="VERSION", help="候选模型的版本")
    add_database(report)
    report.set_defaults(action=_report)


def run(args: argparse.Namespace) -> int:
    """Carry out the action."""
    return int(args.action(args))


def _run(args: argparse.Namespace) -> int:
    version = str(read_manifest(args.model)["version"])
    pipeline = Pipeline.from_model(
        args.model, catalogue_dir=args.catalogue, settings_file=args.settings
    )
    with opened_current(args.database) as database:
        try:
            _go(database, Challenger(version, pipeline.triage), once=args.once)
        except KeyboardInterrupt:
            return 0
    return 0


def _go(database: Database, challenger: Challenger, *, once: bool) -> None:
    after = beginning(database, challenger.model)
    while True:
        try:
            reached = shade(database, challenger, lambda: datetime.now(UTC), after=after)
        except StoreUnavailable:
            if once:
                raise
            reached = after
        if reached == after:
            if once:
                return
            time.sleep(PAUSE_SECONDS)
        after = reached


def _report(args: argparse.Namespace) -> int:
    with opened_current(args.database) as database:
        found = agreement(database, args.model)
    print(json.dumps({"model": args.model, **found.to_json()}, ensure_ascii=False))
    return 0
