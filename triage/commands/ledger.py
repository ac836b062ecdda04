"""核验台账，留下锚点 (verify the ledger, write an anchor).

    triage ledger anchor --to /mnt/锚点/台账.jsonl
    triage ledger verify --anchor /mnt/锚点/台账.jsonl

核验走完整条哈希链，并把每件工单的事件重放一遍，与现状逐项比较。锚点请存到数据库管理员
改不到的地方：能改数据库的人可以重算整条链，只有锚点能发现。
退出码：0 一致；1 有不一致之处（逐条列出）；2 无法使用。
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from triage.commands.opening import add_database, opened_current
from triage.store.anchors import Anchor, add_anchor, read_anchors
from triage.store.ledger import head_of
from triage.store.verify import Verification, verify

MOST_SHOWN = 50
"""Differences in words: one tampered with breaks many, and the first tell where."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the two actions and their options."""
    actions = parser.add_subparsers(required=True)
    verifying = actions.add_parser("verify", help="核验台账与工单现状，逐条列出不一致之处")
    verifying.add_argument("--anchor", type=Path, metavar="FILE", help="锚点文件")
    verifying.add_argument("--json", action="store_true", help="每处不一致输出一行 JSON")
    verifying.set_defaults(action=_verify)
    anchoring = actions.add_parser("anchor", help="输出台账此刻的尾部")
    anchoring.add_argument("--to", type=Path, metavar="FILE", help="追加到锚点文件")
    anchoring.set_defaults(action=_anchor)
    for action in (verifying, anchoring):
        add_database(action)


def run(args: argparse.Namespace) -> int:
    """Run the chosen action; returns the exit code."""
    return int(args.action(args))


def _verify(args: argparse.Namespace) -> int:
    anchors = read_anchors(args.anchor) if args.anchor else ()
    seen, found = Verification(), 0
    with opened_current(args.database) as database:
        for difference in verify(database, anchors, seen=seen):
            found += 1
            if args.json:
                print(json.dumps(difference.to_json(), ensure_ascii=False))
            elif found <= MOST_SHOWN:
                print(difference)
    if found > MOST_SHOWN and not args.json:
        print(f"（只列出前 {MOST_SHOWN} 处；全部请用 --json）")
    summary = f"{seen.events:,} 个事件，{seen.orders:,} 件工单，{found:,} 处不一致"
    if seen.unfolded:
        summary += f"；{seen.unfolded:,} 件的内容已按期限清除，只核验哈希链和各列"
    print(summary, file=sys.stderr)
    return 1 if found else 0


def _anchor(args: argparse.Namespace) -> int:
    with opened_current(args.database) as database, database.read() as connection:
        anchor = Anchor(head_of(connection), datetime.now(UTC))
    if args.to is None:
        print(json.dumps(anchor.to_json()))
    else:
        add_anchor(args.to, anchor)
        print(f"锚点 {anchor.head.seq} → {args.to}", file=sys.stderr)
    return 0
