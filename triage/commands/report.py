"""周报：诉求量、办理、预警、热点、下周预测，每个数字都写明出处 (the weekly report).

    triage report weekly --out runs/weekly.html
    triage report weekly --week 2026-11-16 --out runs/weekly.docx --database postgresql://triage@db/triage
    triage report timeline --days 30 --out runs/alarms.svg

--week 写那一周的任何一天，默认上一周。要 PDF，用浏览器打开 .html 打印；.docx 需要
 pip install 'citizen-triage[reports]'。
退出码：0 正常；2 拒绝或无法使用。
"""

from __future__ import annotations

import argparse
import sys
from datetime import date, timedelta
from pathlib import Path

from triage.catalogue import Catalogue
from triage.commands.opening import add_database, opened_current
from triage.desk import alarms
from triage.desk.actor import SYSTEM, Actor
from triage.desk.alarm_room import AlarmRoom, open_room
from triage.desk.alarms import MOST, AlarmWish
from triage.errors import InvalidRequest, UnusableFile
from triage.files import atomic_write
from triage.trends.folder import default_trends_dir
from triage.trends.shelf import Shelf
from triage.weekly import html_of, weekly_report
from triage.weekly.docx import write_docx
from triage.weekly.timeline import timeline_svg

_EARLIEST = date(2000, 1, 1)
_ALL = Actor(SYSTEM.id, frozenset({"administrator"}))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(required=True)
    weekly = actions.add_parser("weekly", help="周报，.html 或 .docx")
    weekly.add_argument("--week", type=date.fromisoformat, metavar="DAY", help="那一周的某一天")
    weekly.add_argument("--folder", type=Path, default=default_trends_dir(), metavar="DIR",
        help="预测的文件夹，默认取 TRIAGE_TRENDS_DIR，再默认 var/trends")  # fmt: skip
    weekly.set_defaults(action=_weekly)
    timeline = actions.add_parser("timeline", help="预警时间线，.svg")
    timeline.add_argument("--days", type=int, default=30, choices=range(1, 367), metavar="N",
        help="最近多少天，默认 30")  # fmt: skip
    timeline.set_defaults(action=_timeline)
    for one in (weekly, timeline):
        one.add_argument("--out", type=Path, required=True, metavar="FILE", help="写到哪里")
        one.add_argument("--catalogue", type=Path, metavar="DIR", help="本市的代码表，默认随包")
        add_database(one)


def run(args: argparse.Namespace) -> int:
    """Write what is asked for."""
    with opened_current(args.database) as database:
        room = open_room(database, Catalogue.load(args.catalogue))
        args.action(args, room)
    print(f"→ {args.out}", file=sys.stderr)
    return 0


def _weekly(args: argparse.Namespace, room: AlarmRoom) -> None:
    if args.out.suffix not in (".html", ".docx"):
        raise UnusableFile(f"--out 的值 {args.out} 应以 .html 或 .docx 结尾", field="out")
    today = room.reports.today
    day = args.week or today - timedelta(days=7)
    if not _EARLIEST <= day <= today:
        raise InvalidRequest(
            "week_invalid",
            f"--week 的值 {day} 应为 {_EARLIEST} 到今天（{today}）之间的一天；请改正",
            field="week",
        )
    shelf = Shelf(args.folder, Catalogue.load(args.catalogue))
    report = weekly_report(room, day - timedelta(days=day.weekday()), _ALL, shelf=shelf)
    if args.out.suffix == ".docx":
        write_docx(report, args.out)
        return
    with atomic_write(args.out) as file:
        file.write(html_of(report).encode())


def _timeline(args: argparse.Namespace, room: AlarmRoom) -> None:
    ends = room.now()
    begins = ends - timedelta(days=args.days)
    found = alarms.listed(room, AlarmWish(since=begins, limit=MOST), _ALL)
    with atomic_write(args.out) as file:
        file.write(timeline_svg(found.alarms, begins, ends, room.names).encode())
    if found.next_cursor:
        print(f"只画了最近 {MOST} 条", file=sys.stderr)
