"""管理保险库的密钥：新建、轮换、删除旧钥 (create, rotate and retire the vault's keys).

    triage vault create-key
    triage vault create-key --cipher SM4-GCM
    triage vault rotate
    triage vault keys
    triage vault retire-key k1

换钥：先 create-key，再重启服务，再 rotate（中断后再运行即续做），最后 retire-key。旧备份中的原文
仍要用旧钥打开：旧钥文件请随备份一起保管到备份销毁。密钥文件里另有一个身份密钥（identity），
电话摘要由它算出，换钥不换它。谁、何时轮换或删除了哪个密钥，记入台账（不记密钥）。
退出码：0 正常；2 拒绝或无法使用。
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from triage.commands.opening import add_database, opened_current
from triage.store.cipher import CipherName
from triage.store.key_events import KeyKeeper
from triage.store.key_file import (
    VARIABLE,
    create_key,
    default_key_file,
    keep_identity,
    load_keys,
)
from triage.store.vault import Vault, retire, usage

_NO_IDENTITY = (
    f"注意：{VARIABLE} 中没有身份密钥（identity），诉求人摘要仍用最旧的密钥计算。去掉旧钥之前，"
    "请先把最旧密钥的 secret 原样抄为 identity，否则同一电话将认不出来"
)
"""The environment cannot be written to, so its keeper is told."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the four actions and their options."""
    actions = parser.add_subparsers(required=True)
    create = actions.add_parser("create-key", help="新建密钥，此后用它封存")
    create.add_argument(
        "--cipher",
        type=CipherName,
        choices=list(CipherName),
        default=CipherName.AES,
        metavar="NAME",
        help="AES-256-GCM（默认）或 SM4-GCM（国密）",
    )
    create.set_defaults(action=_create)
    rotating = actions.add_parser("rotate", help="把旧钥下的原文改用新钥封存；可中断、可续做")
    rotating.set_defaults(action=_rotate)
    listing = actions.add_parser("keys", help="列出密钥，以及各封着多少条原文")
    listing.set_defaults(action=_keys)
    retiring = actions.add_parser("retire-key", help="删除不再封着任何原文的旧钥")
    retiring.add_argument("key", metavar="ID", help="密钥编号，如 k1")
    retiring.set_defaults(action=_retire)
    for action in (rotating, listing, retiring):
        add_database(action)
    for action in (create, rotating, listing, retiring):
        action.add_argument(
            "--vault-keys", type=Path, default=default_key_file(), metavar="FILE", help="密钥文件"
        )


def run(args: argparse.Namespace) -> int:
    """Run the chosen action; returns the exit code."""
    return int(args.action(args))


def _create(args: argparse.Namespace) -> int:
    key = create_key(args.vault_keys, args.cipher, now=datetime.now(UTC))
    print(
        f"密钥 {key.id}（{key.cipher.value}）已存入 {args.vault_keys}：请立即另存一份，"
        "丢失后原文无法恢复",
        file=sys.stderr,
    )
    return 0


def _rotate(args: argparse.Namespace) -> int:
    keep_identity(args.vault_keys)
    keys = load_keys(args.vault_keys, os.environ)
    with opened_current(args.database) as database:
        moved = Vault(keys).rotate(database, _keeper())
    if not keys.identity:
        print(_NO_IDENTITY, file=sys.stderr)
    print(f"{moved:,} 条原文改用密钥 {keys.active.id}", file=sys.stderr)
    return 0


def _keys(args: argparse.Namespace) -> int:
    keys = load_keys(args.vault_keys, os.environ)
    with opened_current(args.database) as database, database.read() as connection:
        used = usage(connection)
    for key in keys.keys:
        state = "使用中" if key is keys.active else "旧钥"
        print(f"{key.id}\t{key.cipher.value}\t{key.created_at}\t{state}\t{used.pop(key.id, 0)}")
    for missing, number in used.items():
        print(f"{missing}\t缺失：{number} 条原文打不开，请找回含 {missing} 的密钥文件")
    return 0


def _retire(args: argparse.Namespace) -> int:
    with opened_current(args.database) as database:
        retire(database, args.vault_keys, args.key, _keeper())
    print(f"密钥 {args.key} 已从 {args.vault_keys} 删除", file=sys.stderr)
    return 0


def _keeper() -> KeyKeeper:
    return KeyKeeper(f"cli:{getpass.getuser()}", datetime.now(UTC))
