"""升级、备份、恢复工单数据库，清除到期内容 (upgrade, back up, restore, retain).

    triage database upgrade --database postgresql://triage@db/triage
    triage database backup runs/backup.jsonl.gz
    triage database restore runs/backup.jsonl.gz --database sqlite:///runs/new.db
    triage database retain --dry-run
    triage database retain --apply

备份可恢复到 SQLite 或 PostgreSQL 的空库；保险库的密钥不在备份中，请另行保管。
退出码：0 正常；2 拒绝或无法使用，或清除之后有索引文件没能删去。
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from triage.commands.left import told_left
from triage.commands.opening import add_database, opened, opened_current
from triage.desk.erasing import erase_outdated
from triage.errors import TriageError
from triage.store import migrate
from triage.store.backup import back_up, restore
from triage.store.location import default_index_dir
from triage.store.policy import Policy, load_policy
from triage.store.retention import Outcome, due, retain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the six actions and their options."""
    actions = parser.add_subparsers(required=True)
    upgrade = actions.add_parser("upgrade", help="把表升级到本软件的版本；新库由此建表")
    upgrade.set_defaults(action=_upgrade)
    downgrade = actions.add_parser("downgrade", help="退回某一版本，较新的表连同内容删除")
    downgrade.add_argument("revision", help="版本号，如 0001；base 为删除全部表")
    downgrade.add_argument("--yes", action="store_true", help="确认：已备份，可以删除")
    downgrade.set_defaults(action=_downgrade)
    current = actions.add_parser("current", help="数据库现在的版本，与本软件需要的版本")
    current.set_defaults(action=_current)
    backup = actions.add_parser("backup", help="备份到一个文件；服务不必停")
    backup.add_argument("file", type=Path, metavar="FILE", help="如 runs/backup.jsonl.gz")
    backup.set_defaults(action=_backup)
    restoring = actions.add_parser("restore", help="从备份恢复到空库，并核验台账")
    restoring.add_argument("file", type=Path, metavar="FILE")
    restoring.set_defaults(action=_restore)
    retaining = actions.add_parser("retain", help="清除保存期限已满的内容")
    which = retaining.add_mutually_exclusive_group(required=True)
    which.add_argument("--dry-run", action="store_true", help="只列出将清除多少")
    which.add_argument("--apply", action="store_true", help="清除，并记入台账")
    retaining.add_argument("--policy", type=Path, metavar="TOML", help="自己的保存期限")
    retaining.add_argument("--index-dir", type=Path, default=Path(default_index_dir()),
        metavar="DIR", help="相似工单的索引，早于清除的快照一并删去")  # fmt: skip
    retaining.set_defaults(action=_retain)
    for action in (upgrade, downgrade, current, backup, restoring, retaining):
        add_database(action)


def run(args: argparse.Namespace) -> int:
    """Run the chosen action; returns the exit code."""
    return int(args.action(args))


def _upgrade(args: argparse.Namespace) -> int:
    with opened(args.database) as database:
        print(f"数据库结构为 {migrate.upgrade(database)}", file=sys.stderr)
    return 0


def _downgrade(args: argparse.Namespace) -> int:
    if not args.yes:
        raise TriageError("退回会删除较新的表及其内容：请先 triage database backup，再加 --yes")
    with opened(args.database) as database:
        migrate.downgrade(database, args.revision)
    print(f"已退回 {args.revision}", file=sys.stderr)
    return 0


def _current(args: argparse.Namespace) -> int:
    with opened(args.database) as database:
        found = migrate.current(database)
    print(f"{found or migrate.BASE}\t需要 {migrate.newest()}")
    return 0


def _backup(args: argparse.Namespace) -> int:
    with opened_current(args.database) as database:
        rows = back_up(database, args.file, now=datetime.now(UTC))
    print(f"备份 {rows:,} 行 → {args.file}；保险库密钥不在其中，请另行保管", file=sys.stderr)
    return 0


def _restore(args: argparse.Namespace) -> int:
    with opened(args.database) as database:
        seen = restore(database, args.file)
    print(f"已恢复并核验：{seen.events:,} 个事件，{seen.orders:,} 件工单", file=sys.stderr)
    return 0


def _retain(args: argparse.Namespace) -> int:
    policy = load_policy(args.policy)
    now = datetime.now(UTC)
    with opened_current(args.database) as database:
        if args.dry_run:
            for outcome in due(database, policy, now):
                _print(outcome, policy, "将清除")
        else:
            for outcome in retain(database, policy, now):
                _print(outcome, policy, "已清除")
            erased = erase_outdated(database, args.index_dir)
            if erased.gone:
                print(
                    f"早于清除的索引文件已删去 {len(erased.gone)} 份：请运行 triage index build "
                    "重建；别的机器上的索引也要各运行一次",
                    file=sys.stderr,
                )
            return told_left(erased)
    return 0


def _print(outcome: Outcome, policy: Policy, verb: str) -> None:
    name, before = outcome.record_class.value, f"{outcome.before:%Y-%m-%d} 以前"
    source = policy.sources.get(outcome.record_class) or "没有写明依据"
    print(f"{name}\t{before}\t{verb} {outcome.count}\t{source}")
