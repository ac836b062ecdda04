"""模拟一座城市的诉求：可重现、带真值，用于演示与压测 (simulate a city's requests from a seed).

DIR gets requests.jsonl (input lines for `triage import` and `triage predict`), truth.jsonl,
life.jsonl (events of each order), weather.csv, outbreaks.csv and manifest.json. The same options
and versions give the same bytes. Everything in it is invented; see docs/simulation.md.

Example:
  triage simulate --days 7 --per-day 2000 --seed 7 --out runs/city

Exit code: 0 written, 2 an option or the folder is unusable and nothing was written.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime
from pathlib import Path

from tqdm import tqdm

from triage.errors import PlanError
from triage.simulate import CityPlan, Outbreak, Silence
from triage.simulate.plan import DEFAULT_START
from triage.simulate.writing import write_city

_OUTBREAK = "TOPIC,DISTRICT,START,HOURS,FACTOR"
_SILENCE = "CHANNEL,START,HOURS"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    add("--out", type=Path, required=True, metavar="DIR", help="输出文件夹：新的、空的或旧的模拟")
    add("--days", default="30", metavar="N", help="天数，默认 30")
    add("--per-day", default="30000", metavar="N", help="平均每天多少条，默认 30000")
    add("--seed", default="7", metavar="N", help="随机种子，默认 7")
    add("--start", default=DEFAULT_START.isoformat(), metavar="YYYY-MM-DD", help="第一天")
    add("--noise", default="0.08", metavar="SHARE", help="坐席主题、单位填错的比例，默认 0.08")
    add("--outbreak", action="append", default=[], metavar=_OUTBREAK, help="注入突发，可多次")
    add("--silence", action="append", default=[], metavar=_SILENCE, help="注入渠道静默，可多次")
    add("--counts", action="store_true", help="另写 counts.csv：日期 × 主题 × 区县")
    add("--no-text", action="store_true", help="只写 counts.csv 等汇总，不生成诉求，快得多")


def run(args: argparse.Namespace) -> int:
    """Simulate and write the folder."""
    plan = CityPlan(
        days=_whole("days", args.days),
        per_day=_number("per-day", args.per_day),
        seed=_whole("seed", args.seed),
        start=_day("start", args.start),
        noise=_number("noise", args.noise),
        outbreaks=tuple(map(_outbreak, args.outbreak)),
        silences=tuple(map(_silence, args.silence)),
    )
    with tqdm(total=plan.days, unit=" 天", desc="模拟", disable=None, file=sys.stderr) as bar:
        written = write_city(
            plan,
            args.out,
            with_text=not args.no_text,
            with_counts=args.counts or args.no_text,
            progress=lambda _: bar.update(),
        )
    print(f"已模拟 {plan.days:,} 天、{written:,} 条 → {args.out}", file=sys.stderr)
    return 0


def _outbreak(text: str) -> Outbreak:
    topic, district, start, hours, factor = _parts("outbreak", text, _OUTBREAK)
    return Outbreak(
        topic,
        district,
        _moment("outbreak", start),
        _number("outbreak", hours),
        _number("outbreak", factor),
    )


def _silence(text: str) -> Silence:
    channel, start, hours = _parts("silence", text, _SILENCE)
    return Silence(channel, _moment("silence", start), _number("silence", hours))


def _parts(option: str, text: str, form: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != form.count(",") + 1:
        raise _wrong(option, text, form)
    return parts


def _whole(option: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise _wrong(option, text, "整数") from None


def _number(option: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _wrong(option, text, "数字") from None


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong(option, text, "日期，如 2025-01-01") from None


def _moment(option: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _wrong(option, text, "时间，如 2025-07-01T18:00+08:00") from None


def _wrong(option: str, text: str, wanted: str) -> PlanError:
    return PlanError(f"--{option} 的值“{text}”不对；应为{wanted}", field=option)
