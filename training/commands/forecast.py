"""预测明天和以后的诉求量，或为每个序列选模型 (forecast the load, choose models by back-tests).

    triage forecast --input counts.csv --horizon 14 --level 80,95 --out forecast.csv
    triage forecast --from-store --horizon 14 --stored
    triage forecast --from-store --hourly --horizon 72 --stored
    triage forecast select --from-store

输入列 date、count，其余列区分序列；输出这些列，再加 date、mean、median、lo-80、hi-80、…、model。
select 按滚动起点回测为每个序列选模型，每周一次，中断后接着做；没有选过的序列当场快选。
--sums 另算各级合计，并使分项之和等于合计。规则见 docs/trends.md。
退出码：0 正常；2 拒绝或无法使用。需要 forecast 附加包。
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from training.forecast.choices_file import Choices, week_before
from training.forecast.forecasting import CHOICE_BATCH, Task, choose_all
from training.forecast.hierarchy import with_sums
from training.forecast.hourly import days_of
from training.forecast.inputs import Wanted, from_counts, from_file
from training.forecast.making import Make, make_forecast
from training.forecast.pictures import write_picture
from training.forecast.regressors import regressors_of
from triage.catalogue import Catalogue
from triage.commands.opening import add_database, opened_current
from triage.commands.progress import add_progress, shown_progress
from triage.errors import InvalidRequest, UnusableFile
from triage.trends.codes import Codes
from triage.trends.covariates import read_weather
from triage.trends.day_kinds import Calendar, calendar_of
from triage.trends.folder import CountsFolder, default_trends_dir
from triage.trends.forecasts import write_csv, write_forecast
from triage.trends.from_store import build_from_store
from triage.trends.panel import HOURLY
from triage.trends.reading import Counts
from triage.workorder.calendar_file import load_calendar
from triage.workorder.working_calendar import shanghai_day

MOST_HORIZON = 366
FRESH_DAYS = 6.5
"""A choice of this week is not made again: half a day's grace for a job that starts early."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("action", nargs="?", choices=("select",), help="select：为每个序列选模型；不写则预测")
    add("--input", type=Path, metavar="CSV", help="每日（或每小时）的数")
    add("--from-store", action="store_true", help="用 triage trends 的统计，先更新到现在")
    add("--counted", action="store_true", help="用 triage trends 已有的统计，不更新")
    add("--by", default="topic,area", help="统计按什么分序列，默认 topic,area")
    add("--hourly", action="store_true", help="统计按小时；文件由日期的写法决定")
    add("--sums", action="store_true", help="另算各级合计；用统计时总是算")
    add("--horizon", type=int, default=14, metavar="N", help="往后几步：几天，或几小时；默认 14")
    add("--level", type=_levels, default=(80.0, 95.0), metavar="P,…", help="区间，默认 80,95")
    add(
        "--covariates",
        default="",
        metavar="COL,…",
        help="预知的列，如 rain_mm；将来的行 count 留空",
    )
    add("--weather", type=Path, metavar="CSV", help="列 date 和几列数，到预测的最后一天；按日")
    add("--rename", action="append", default=[], metavar="OLD=NEW", help="CSV 里改了名的主题等")
    add("--country", default="CN", help="节假日按哪国，默认 CN（含调休）")
    add("--calendar", type=Path, metavar="CSV", help="本市的工作日历")
    add("--catalogue", type=Path, metavar="DIR", help="代码表文件夹，默认随包")
    add("--out", type=Path, metavar="CSV", help="预测写到哪里")
    add("--plot", type=Path, metavar="FILE", help="最大的十二个序列：.svg 图，.json 供页面")
    add("--stored", action="store_true",
        help="存起来，供 GET /v1/forecast；用统计而没有 --out、--plot 时就是这样")  # fmt: skip
    add("--folder", type=Path, default=default_trends_dir(), metavar="DIR",
        help="统计、选择和预测的文件夹，默认取 TRIAGE_TRENDS_DIR，再默认 var/trends")  # fmt: skip
    add("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="进程数，默认核数")
    add("--all", action="store_true", help="select：本周选过的也重选")
    add_database(parser)
    add_progress(parser)


def run(args: argparse.Namespace) -> int:
    """Choose, or forecast."""
    if not 1 <= args.horizon <= MOST_HORIZON:
        raise InvalidRequest(
            "horizon_invalid", f"--horizon {args.horizon} 应在 1 到 {MOST_HORIZON} 之间"
        )
    if args.action is None and not (args.out or args.stored or args.plot):
        if args.input:
            raise UnusableFile("请给出 --out、--plot 或 --stored，否则预测无处可去")
        args.stored = True
    now = datetime.now(UTC)
    wanted = _with_weather(_wanted(args, now), args.weather)
    for note in wanted.notes:
        print(note, file=sys.stderr)
    calendar = calendar_of(args.country, load_calendar(args.calendar))
    return (_select if args.action else _forecast)(args, wanted, calendar, now)


def _wanted(args: argparse.Namespace, now: datetime) -> Wanted:
    if sum(map(bool, (args.input, args.from_store, args.counted))) != 1:
        raise UnusableFile("请给出 --input CSV、--from-store 或 --counted，三者选一")
    catalogue = Catalogue.load(args.catalogue)
    if args.input:
        covariates = [name for name in args.covariates.split(",") if name]
        return from_file(args.input, catalogue, covariates, args.rename)
    if args.covariates or args.rename:
        raise UnusableFile(
            "--covariates、--rename 只用于 --input；"
            "统计请用 --weather，旧主题请在 triage trends build 时用 --crosswalk"
        )
    folder = CountsFolder(args.folder)
    if args.from_store:
        with opened_current(args.database) as database:
            build_from_store(folder, database, Codes(catalogue), now=now)
    counts = Counts(folder, catalogue)
    counts.manifest()
    by = [name for name in args.by.split(",") if name]
    return from_counts(counts, catalogue, by, today=shanghai_day(now), hourly=args.hourly)


def _with_weather(wanted: Wanted, path: Path | None) -> Wanted:
    if path is None:
        return wanted
    panel = wanted.panel
    known = {**panel.covariates, **read_weather(path, panel)}
    return replace(wanted, panel=replace(panel, covariates=known))


def _forecast(args: argparse.Namespace, wanted: Wanted, calendar: Calendar, now: datetime) -> int:
    make = Make(
        args.horizon, args.level, jobs=args.jobs, sums=args.sums or args.input is None, now=now
    )
    with shown_progress(
        len(wanted.panel.ids), desc="预测", as_lines=args.progress_lines
    ) as progress:
        made = make_forecast(wanted, args.folder, calendar, make, progress=progress)
    if args.stored:
        write_forecast(args.folder, made.facts, made.rows)
    if args.out:
        write_csv(args.out, made.rows.drop("level"))
    if args.plot:
        write_picture(args.plot, made, Catalogue.load(args.catalogue))
    for note in made.facts.notes:
        print(note, file=sys.stderr)
    print(f"{made.facts.series:,} 个序列，{made.facts.known_until} 之后 {args.horizon} 步",
        file=sys.stderr)  # fmt: skip
    return 0


def _select(args: argparse.Namespace, wanted: Wanted, calendar: Calendar, now: datetime) -> int:
    panel = days_of(wanted.panel) if wanted.panel.grain == HOURLY else wanted.panel
    if args.sums or args.input is None:
        panel = with_sums(panel, wanted.parents).panel
    choices = Choices(args.folder, panel.grain, panel.columns)
    fresh = {} if args.all else choices.known(since=week_before(now, FRESH_DAYS))
    todo = [i for i, key in enumerate(panel.ids) if key not in fresh]
    task = Task(regressors_of(panel, args.horizon, calendar), args.horizon, (), args.jobs)
    batch = []
    with shown_progress(len(todo), desc="选模型", as_lines=args.progress_lines) as progress:
        for index, choice in choose_all(panel, todo, task, progress=progress):
            batch.append((panel.ids[index], choice))
            if len(batch) >= CHOICE_BATCH:
                choices.add(batch, now)
                batch = []
    choices.add(batch, now)
    choices.put_together()
    print(f"选了 {len(todo):,} 个序列，{len(panel.ids) - len(todo):,} 个本周已选", file=sys.stderr)
    return 0


def _levels(text: str) -> tuple[float, ...]:
    try:
        found = tuple(sorted({float(part) for part in text.split(",")}))
    except ValueError:
        found = ()
    if not found or not all(1 <= level <= 99 for level in found):
        raise argparse.ArgumentTypeError(f"{text!r} 应为 1 到 99 的数，如 80,95")
    return found
