"""Measure `triage import` on generated rows, and the reading of one request.

Run: `python tests/benchmarks/bench_import.py [ROWS]` (100,000 by default, about three minutes).
Prints, for each format, seconds and the resident memory of the largest process; the target is
100,000 rows in 60 s and 1 GB, masking included. Then microseconds for one `parse_request`.
"""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import orjson
import polars as pl

from triage.intake import parse_request

SENTENCES = (
    "本人反映小区楼下烧烤店每晚油烟直排，影响居民休息。",
    "已经多次拨打热线没有结果，希望有关部门尽快处理。",
    "附近路灯损坏近一个月，夜间出行很不安全！",
    "我的电话13900001111，联系人王先生，住3栋2单元501。",
    "请问什么时候可以恢复供水？\n",
    "物业收费不透明，也不公示维修资金的使用。",
    "工地夜间施工到凌晨两点，孩子无法入睡。",
)
HEADER = [
    "工单编号",
    "留言主题",
    "诉求内容",
    "来电时间",
    "区县",
    "渠道",
    "诉求类型",
    "紧急程度",
    "承办单位",
    "协办单位",
    "标记",
    "来电人",
    "联系电话",
]
PROGRAM = "from triage.cli import main; raise SystemExit(main())"


def rows(number: int, seed: int = 7) -> Iterator[list[str]]:
    """Yield rows of about 220 characters of text."""
    rng = random.Random(seed)
    for i in range(number):
        yield [
            f"CQ{i:08d}",
            f"油烟与噪声扰民{i}",
            "".join(rng.choices(SENTENCES, k=10)) + f"（{i}）",
            f"2025-{rng.randint(1, 9):02}-{rng.randint(1, 28):02} {rng.randint(0, 23):02}:30:00",
            rng.choice(["渝中区", "沙坪坝区", "南岸区"]),
            "电话",
            rng.choice(["投诉", "咨询", "求助"]),
            rng.choice(["一般", "紧急", "低"]),
            "城市管理局",
            "住建委;公安",
            "欠薪;多次反映",
            "王某某",
            "13800001111",
        ]


def write_csv(path: Path, number: int, *, encoding: str) -> None:
    """Write the rows as CSV."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows(number))


def write_jsonl(path: Path, number: int) -> None:
    """Write the rows as JSONL."""
    with path.open("wb") as file:
        for row in rows(number):
            file.write(orjson.dumps(dict(zip(HEADER, row, strict=True))) + b"\n")


def write_xlsx(path: Path, number: int) -> None:
    """Write the rows as a workbook of one sheet."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for row in rows(number):
        sheet.append(row)
    book.save(path)


def write_parquet(path: Path, number: int) -> None:
    """Write the rows as Parquet."""
    pl.DataFrame(list(rows(number)), schema=HEADER, orient="row").write_parquet(path)


FORMATS: dict[str, Callable[[Path, int], None]] = {
    "utf8.csv": lambda path, number: write_csv(path, number, encoding="utf-8-sig"),
    "gb18030.csv": lambda path, number: write_csv(path, number, encoding="gb18030"),
    "rows.jsonl": write_jsonl,
    "rows.xlsx": write_xlsx,
    "rows.parquet": write_parquet,
}


def measure(path: Path) -> tuple[float, float]:
    """Return seconds and megabytes of one import."""
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM, "import", path, "--out", path.with_suffix(".out")],
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{path.name}: exit code {child.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def request_microseconds() -> float:
    """Return the time of one `parse_request` on a line of 250 characters."""
    value = {
        "id": "CQ-1",
        "title": "油烟扰民",
        "text": ("".join(SENTENCES) * 3)[:250],
        "received_at": "2026-03-01T09:30:00+08:00",
        "district": "渝中区",
        "channel": "PHONE",
    }
    number = 20_000
    return min(timeit.repeat(lambda: parse_request(value), number=number)) / number * 1e6


def main() -> None:
    """Print one line a format."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        for name, write in FORMATS.items():
            path = Path(folder) / name
            write(path, number)
            seconds, megabytes = measure(path)
            size = path.stat().st_size / 1e6
            sys.stdout.write(
                f"{name:13} {number:,} rows {size:6.1f} MB: {seconds:5.1f} s, {megabytes:4.0f} MB\n"
            )
            sys.stdout.flush()
    sys.stdout.write(f"parse_request {request_microseconds():.1f} µs\n")


if __name__ == "__main__":
    main()
