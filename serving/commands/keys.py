"""管理服务的访问密钥 (create, list and revoke access keys).

A key is shown once, when it is created; only its hash is kept, in a file that nobody else may read.
Callers send it as `Authorization: Bearer KEY`. Running services notice a change within a second.

Example:
  triage keys create 渝中区分中心 --keys /etc/triage/keys.json
  triage keys list
  triage keys revoke 渝中区分中心
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from serving.keys import create_key, default_keys_file, read_keys, revoke_key


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(metavar="ACTION", required=True, dest="action")
    create = actions.add_parser("create", help="新建一个密钥，只显示这一次")
    create.add_argument("name", metavar="NAME", help="给谁用，例如 渝中区分中心")
    revoke = actions.add_parser("revoke", help="吊销一个密钥")
    revoke.add_argument("name", metavar="NAME", help="密钥的名称")
    listing = actions.add_parser("list", help="列出密钥的名称和时间")
    listing.add_argument("--json", action="store_true", help="以 JSON 输出")
    for action in (create, revoke, listing):
        action.add_argument(
            "--keys", type=Path, default=default_keys_file(), metavar="FILE", help="密钥文件"
        )


def run(args: argparse.Namespace) -> int:
    """Carry out one action; 0 when done."""
    actions = {"create": _create, "revoke": _revoke, "list": _list}
    actions[args.action](args)
    return 0


def _create(args: argparse.Namespace) -> None:
    secret = create_key(args.keys, args.name, now=datetime.now(UTC))
    print(f"密钥“{args.name}”已存入 {args.keys}；下面一行只显示这一次：", file=sys.stderr)
    print(secret)


def _revoke(args: argparse.Namespace) -> None:
    revoke_key(args.keys, args.name)
    print(f"密钥“{args.name}”已吊销", file=sys.stderr)


def _list(args: argparse.Namespace) -> None:
    keys = read_keys(args.keys)
    if args.json:
        rows = [{"name": key.name, "created_at": key.created_at} for key in keys]
        print(json.dumps(rows, ensure_ascii=False))
        return
    if not keys:
        print(f"{args.keys} 中没有密钥", file=sys.stderr)
    for key in keys:
        print(f"{key.created_at}  {key.name}")
