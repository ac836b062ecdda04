"""管理服务的访问密钥 (create, list and revoke access keys).

A key is shown once, when it is created; only its hash is kept, in a file that nobody else may read.
Its roles say which endpoints it opens, its units and regions which work orders. Callers send it as
`Authorization: Bearer KEY`. Running services notice a change within a second.

Example:
  triage keys create 渝中区分中心 --role dispatcher --region 500103 --keys /etc/triage/keys.json
  triage keys create 渝中城管 --role handler --unit URBAN_MGMT --expires 2027-12-31 --rate 5
  triage keys list
  triage keys revoke 渝中区分中心
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from serving.arguments import rate
from serving.key_file import Key, read_keys
from serving.keys import KeyRefusal, create_key, default_keys_file, revoke_key
from serving.rights import ROLES, Rights
from triage.catalogue import Catalogue


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(metavar="ACTION", required=True, dest="action")
    create = actions.add_parser("create", help="新建一个密钥，只显示这一次")
    _add_create(create)
    revoke = actions.add_parser("revoke", help="吊销一个密钥")
    revoke.add_argument("name", metavar="NAME", help="密钥的名称")
    listing = actions.add_parser("list", help="列出密钥的名称、时间和权限")
    listing.add_argument("--json", action="store_true", help="以 JSON 输出")
    for action in (create, revoke, listing):
        action.add_argument(
            "--keys", type=Path, default=default_keys_file(), metavar="FILE", help="密钥文件"
        )


def _add_create(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    roles = "、".join(f"{code} {name}" for code, name in ROLES.items())
    add("name", metavar="NAME", help="给谁用，例如 渝中区分中心")
    add("--role", action="append", metavar="ROLE", help=f"角色，可重复，默认 agent；可用：{roles}")
    add("--unit", action="append", default=[], metavar="CODE",
        help="只见这个单位的工单，可重复；默认不限")  # fmt: skip
    add("--region", action="append", default=[], metavar="CODE",
        help="只见这个区县（含所辖镇街）或镇街的工单，可重复；默认不限")  # fmt: skip
    add("--expires", type=_day, metavar="DATE", help="有效到哪一天（含当天，北京时间）")
    add("--rate", type=rate, metavar="R", help="每秒请求数，代替服务的 --rate-limit")
    add("--catalogue", type=Path, metavar="DIR", help="核对代码用的代码表文件夹，默认随包")


def run(args: argparse.Namespace) -> int:
    """Carry out one action; 0 when done."""
    actions = {"create": _create, "revoke": _revoke, "list": _list}
    actions[args.action](args)
    return 0


def _create(args: argparse.Namespace) -> None:
    rights = Rights(frozenset(args.role or ["agent"]), frozenset(args.unit), frozenset(args.region))
    if rights.units or rights.regions:
        _check_codes(rights, Catalogue.load(args.catalogue))
    secret = create_key(
        args.keys,
        args.name,
        now=datetime.now(UTC),
        rights=rights,
        expires_on=args.expires,
        rate=args.rate,
    )
    print(f"密钥“{args.name}”已存入 {args.keys}；下面一行只显示这一次：", file=sys.stderr)
    print(secret)


def _check_codes(rights: Rights, catalogue: Catalogue) -> None:
    places = catalogue.places
    regions = {one.code for one in places.regions} | {one.code for one in places.townships}
    for option, given, known in (
        ("--unit", rights.units, catalogue.units.keys()),
        ("--region", rights.regions, regions),
    ):
        unknown = sorted(given - known)
        if unknown:
            raise KeyRefusal(
                f"{option} 的代码 {unknown[0]!r} 不在代码表 {catalogue.version} 中；"
                "请核对，或用 --catalogue 指定本市的代码表"
            )


def _revoke(args: argparse.Namespace) -> None:
    revoke_key(args.keys, args.name)
    print(f"密钥“{args.name}”已吊销", file=sys.stderr)


def _list(args: argparse.Namespace) -> None:
    keys = read_keys(args.keys)
    if args.json:
        rows = [
            {name: value for name, value in key.to_json().items() if name != "digest"}
            for key in keys
        ]
        print(json.dumps(rows, ensure_ascii=False))
        return
    if not keys:
        print(f"{args.keys} 中没有密钥", file=sys.stderr)
    for key in keys:
        print("  ".join(_line(key)))


def _line(key: Key) -> Iterable[str]:
    rights = key.rights
    yield from (key.created_at, key.name, ",".join(sorted(rights.roles)))
    yield f"单位 {','.join(sorted(rights.units)) or '不限'}"
    yield f"区域 {','.join(sorted(rights.regions)) or '不限'}"
    if key.expires_on:
        yield f"到期 {key.expires_on}"
    if key.rate:
        yield f"每秒 {key.rate:g} 次"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"应为日期，例如 2027-12-31，收到 {text}") from None
