"""到点自动办理：催办督办、视为受理、恢复计时、满意办结，并发出通知与外发事件 (the clerk).

    triage clerk --once --database postgresql://triage@db/triage
    triage clerk --notices file:runs/notices
    triage clerk --notices https://sms.example.gov.cn/notices

服务本身（triage serve）也在后台做同样的事；两边同时运行时，由数据库里的租约决定谁做，不会做两遍。
退出码：0 正常；2 拒绝或无法使用。
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from triage.commands.opening import add_database, opened_current
from triage.desk.opening import OfficeFiles, load_city, open_office
from triage.outgoing.setting_up import Background, background_of
from triage.outgoing.work import ClerkWork, HookWork, NoticeWork, give_leases_back
from triage.store.database import Database, StoreUnavailable
from triage.store.key_file import default_key_file, load_keys

PAUSE_SECONDS = 1.0
_NAMES = {ClerkWork: "工单", HookWork: "外发事件", NoticeWork: "通知"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("--once", action="store_true", help="办完现在到点的即退出；默认一直运行，每秒看一次")
    add("--vault-keys", type=Path, default=default_key_file(), metavar="FILE", help="密钥文件")
    add("--policy", type=Path, metavar="TOML", help="本市的时限政策，默认随包")
    add("--calendar", type=Path, metavar="CSV", help="本市的工作日，默认随包")
    add("--notices", default="", metavar="TO",
        help="通知发往 file:文件夹，或短信网关的网址；默认只存不发")  # fmt: skip
    add("--webhooks-allow-private", action="store_true", help="允许外发到本机和内网地址")
    add_database(parser)


def run(args: argparse.Namespace) -> int:
    """Do what is due, once or until stopped."""
    with opened_current(args.database) as database:
        return _run(args, database)


def _run(args: argparse.Namespace, database: Database) -> int:
    keys = load_keys(args.vault_keys, os.environ)
    city = load_city(OfficeFiles(policy=args.policy, calendar=args.calendar))
    office = open_office(database, keys, [], city)
    background = background_of(
        office,
        keys,
        notices=args.notices,
        allow_private=args.webhooks_allow_private,
        environment=os.environ,
    )
    try:
        asyncio.run(_work(background, once=args.once))
    except KeyboardInterrupt:
        pass
    finally:
        give_leases_back(office, background.holder)
    _print(background)
    return 0


async def _work(background: Background, *, once: bool) -> None:
    while True:
        for work in background.works:
            try:
                await work.poll()
            except StoreUnavailable as error:
                if once:
                    raise
                print(error.message, file=sys.stderr)
        if once:
            return
        await asyncio.sleep(PAUSE_SECONDS)


def _print(background: Background) -> None:
    for work in background.works:
        if isinstance(work, ClerkWork | HookWork | NoticeWork):
            found = "，".join(f"{name} {number}" for name, number in work.done.items() if number)
            print(f"{_NAMES[type(work)]}：{found or '没有到点的'}", file=sys.stderr)
