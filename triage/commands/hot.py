"""热点：哪些事件、哪一类问题最热，按热度排列 (rank hot events and common problems).

    triage hot --since 7d
    triage hot --since 2026-11-01 --until 2026-11-08 --level problems --top 10 --json
    triage hot --since 7d --input requests.jsonl
    triage hot --keep --database postgresql://triage@db/triage

--input 从文件现算（一行一条 {"id", "text", "title"?, "received_at"?, "district"?, "requester"?,
"likes"?}），--until 默认为其中最晚的一条；否则读库中已归好的组，由 triage hot --keep 随台账归组
（一直运行，--once 归完即退出）。热度怎么算见 docs/hot_topics.md。从文件现算时，拿不准的对由
交叉编码器细读（每对约 20 毫秒），--fast 不读。
退出码：0 正常；1 有读不了的行；2 拒绝或无法使用。
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from triage.catalogue import Catalogue
from triage.commands.hot_input import read_tellings
from triage.commands.opening import add_database, opened_current
from triage.commands.predict import MODELS_DIR
from triage.desk.actor import SYSTEM
from triage.desk.clocks import PolicyClocks
from triage.desk.event_groups import EventDesk, follow, open_events
from triage.desk.hot import MOST_TOP, HotReport, HotRoom, HotWish, hot_report, wish_of
from triage.desk.opening import Ranking
from triage.desk.reports import open_reports
from triage.desk.sight import Sight, load_sight
from triage.errors import UnusableFile
from triage.hot.events import THRESHOLD, events_of
from triage.hot.heat import HeatRules, load_heat
from triage.hot.problems import problems_of
from triage.hot.storm import Storm
from triage.hot.telling import Telling
from triage.hot.topics import Period, gather, hot_topics
from triage.model.registry import current_folder
from triage.pipeline import Pipeline
from triage.same_event.model import FOLDER
from triage.store.database import Database, StoreUnavailable
from triage.text.elements import ElementExtractor
from triage.workorder.calendar_file import load_calendar
from triage.workorder.policy_file import load_policy

PAUSE_SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("--since", default="7d", metavar="WHEN", help="7d、24h，或一天如 2026-11-01；默认 7d")
    add("--until", type=date.fromisoformat, metavar="DAY", help="到哪天零点为止（不含）；默认现在")
    add("--level", choices=("events", "problems"), default="events", help="事件，或一类事")
    add("--region", default="", metavar="CODE", help="只看一个区县")
    add(
        "--top",
        type=int,
        choices=range(1, MOST_TOP + 1),
        default=20,
        metavar="N",
        help="给出几个，1 到 100，默认 20",
    )
    add("--json", action="store_true", help="输出 JSON")
    add("--input", type=Path, metavar="X.jsonl", help="从文件现算，不读库")
    add("--fast", action="store_true", help="与 --input 同用：不逐对细读")
    add("--keep", action="store_true", help="随台账把工单归到事件组")
    add("--once", action="store_true", help="与 --keep 同用：归完现有的即退出")
    add("--policy", type=Path, metavar="TOML", help="与 --keep 同用：排队权重等政策，默认随包")
    add("--heat", type=Path, metavar="TOML", help="本市的热度权重，默认随包")
    add("--models-dir", type=Path, default=MODELS_DIR, help="模型目录，默认 models")
    add("--catalogue", type=Path, metavar="DIR", help="本市的代码表，默认随包")
    add_database(parser)


def run(args: argparse.Namespace) -> int:
    """Rank, or keep the groups; return the exit code."""
    catalogue, rules = Catalogue.load(args.catalogue), load_heat(args.heat)
    extractor = ElementExtractor(catalogue.place_names())
    if args.fast and args.input is None:
        raise UnusableFile("--fast 只与 --input 同用：读库中的组时本来就不细读")
    if args.input is not None:
        return _of_file(args, extractor, rules)
    with opened_current(args.database) as database:
        if args.keep:
            return _keep(args, database, extractor, rules)
        clocks = PolicyClocks(load_policy(), load_calendar())
        reports = open_reports(database, catalogue, clocks)
        report = hot_report(HotRoom(reports, extractor, rules), _wish(args, reports.now()), SYSTEM)
    _print(report, as_json=args.json)
    return 0


def _of_file(args: argparse.Namespace, extractor: ElementExtractor, rules: HeatRules) -> int:
    pipeline = Pipeline.from_model(current_folder(args.models_dir), catalogue_dir=args.catalogue)
    read = read_tellings(args.input, pipeline, extractor)
    times = [one.at for one in read.tellings if one.at is not None]
    wish = _wish(args, max(times, default=datetime.now(UTC)) + timedelta(seconds=1))
    told = [one for one in read.tellings if wish.region in ("", one.entry.region)]
    period = Period(wish.since, wish.until, min(times, default=None))
    sight = load_sight(args.models_dir)
    judge = sight.judge if args.fast else sight.closely or sight.judge
    groups = _groups(told, wish, rules, replace(sight, judge=judge))
    found = gather(groups, period, least=2 if wish.level == "events" else rules.problem_least)
    level = "event" if wish.level == "events" else "problem"
    topics = tuple(hot_topics(found, rules, level=level, top=wish.top))
    _print(HotReport(wish, rules.version, topics), as_json=args.json)
    for line, message in read.refused:
        print(f"第 {line} 行：{message}", file=sys.stderr)
    return 1 if read.refused else 0


def _groups(
    told: Sequence[Telling], wish: HotWish, rules: HeatRules, sight: Sight
) -> dict[str, list[Telling]]:
    by_id = {one.id: one for one in told}
    events = events_of([one.entry for one in told], sight.judge, sight.encoder)
    if wish.level == "problems":
        return problems_of(told, rules, {id: event.id for event in events for id in event.members})
    return {event.id: [by_id[member] for member in event.members] for event in events}


def _keep(
    args: argparse.Namespace, database: Database, extractor: ElementExtractor, rules: HeatRules
) -> int:
    sight = load_sight(args.models_dir)
    judge, policy = current_folder(args.models_dir / FOLDER).name, load_policy(args.policy)

    def opened() -> EventDesk:
        storm = Storm(sight.encoder, sight.judge, threshold=THRESHOLD, extractor=extractor)
        now = partial(datetime.now, UTC)
        ranks = Ranking(policy)
        return EventDesk(database, storm, extractor, rules, judge, now, ranks, sight.forget)

    try:
        _follow(opened, once=args.once)
    except KeyboardInterrupt:
        return 0
    return 0


def _follow(opened: Callable[[], EventDesk], *, once: bool) -> None:
    """Follow the ledger; after a failed write with a new desk, for the old one ran ahead of it."""
    while True:
        try:
            return _follow_with(opened(), once=once)
        except StoreUnavailable as error:
            if once:
                raise
            print(error.message, file=sys.stderr)
            time.sleep(PAUSE_SECONDS)


def _follow_with(desk: EventDesk, *, once: bool) -> None:
    after = open_events(desk)
    while True:
        reached = follow(desk, after)
        if reached == after:
            if once:
                return
            time.sleep(PAUSE_SECONDS)
        after = reached


def _wish(args: argparse.Namespace, now: datetime) -> HotWish:
    return wish_of(args.since, args.until, now, level=args.level, region=args.region, top=args.top)


def _print(report: HotReport, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
        return
    for place, topic in enumerate(report.topics, 1):
        facts = topic.facts
        print(f"{place:>3} {topic.heat.score:5.1f} {facts.count:>5} 件  {topic.title or topic.id}")
        print(f"      {'；'.join(part.reason for part in topic.heat.parts)}")
    if not report.topics:
        print("这段时间没有两件以上的同一事件", file=sys.stderr)
