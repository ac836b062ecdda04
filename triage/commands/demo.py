"""向空的数据库放入一座小小的模拟城市 (fill an empty database with a small simulated city).

Invented requests of the last days (--days, twelve) are triaged by the published model, dispatched,
rejected, handled and answered; all of it is in the ledger as any real life would be. See
docs/simulation.md.

Example:
  triage demo --models-dir models --database sqlite:///runs/triage.db

Exit code: 0 filled, or with --if-empty nothing to do; 2 refused.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from triage.commands.opening import add_database, opened_current
from triage.desk.demonstration import DAYS, is_empty, live
from triage.desk.opening import OfficeFiles, load_city, open_office
from triage.pipeline import Pipeline
from triage.store.database import Database
from triage.store.key_file import default_key_file, load_keys
from triage.store.preparing import prepare_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    models = os.environ.get("TRIAGE_MODELS_DIR", "models")
    add_database(parser)
    add = parser.add_argument
    add("--models-dir", type=Path, default=Path(models), metavar="DIR", help="模型文件夹")
    add("--vault-keys", type=Path, default=default_key_file(), metavar="FILE", help="保险库密钥")
    add("--per-day", type=int, default=40, metavar="N", help="平均每天多少条，默认 40")
    add("--days", type=int, default=DAYS, choices=range(1, 367), metavar="N",
        help=f"最近多少天，默认 {DAYS}")  # fmt: skip
    add("--seed", type=int, default=7, metavar="N", help="随机种子，默认 7")
    add("--if-empty", action="store_true", help="库里已有工单时什么也不做")


def run(args: argparse.Namespace) -> int:
    """Fill the database."""
    prepare_store(args.database, args.vault_keys)
    with opened_current(args.database) as database:
        return _run(args, database)


def _run(args: argparse.Namespace, database: Database) -> int:
    keys = load_keys(args.vault_keys, os.environ)
    triage = Pipeline.load(args.models_dir).triage
    office = open_office(database, keys, [triage], load_city(OfficeFiles()))
    if args.if_empty and not is_empty(office):
        return 0
    lived = live(office, per_day=args.per_day, seed=args.seed, days=args.days)
    print(
        f"演示数据：{lived.requests} 件诉求，{lived.deeds} 步办理，"
        f"{lived.refused} 步被规则拒绝。全部内容都是虚构的"
    )
    return 0
