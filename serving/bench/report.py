"""The figures as JSON for machines and as a page for people, each target beside its figure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from serving.bench.measure import Figures
from triage.files import atomic_write


@dataclass(frozen=True, slots=True)
class Target:
    """One promise of the service and what was measured of it."""

    name: str
    wanted: str
    measured: str
    is_met: bool


def targets(figures: Figures) -> list[Target]:
    """Return every promise with its figure."""
    rate, ratio, p99 = figures.per_second(), figures.ratio, figures.p99_ms()
    alone, ready, memory = figures.alone_ms, figures.ready_seconds, max(figures.resident_mib)
    return [
        Target("完整分诊，每秒请求", "≥ 1,000", f"{rate:,.0f}", rate >= 1000),
        Target("与空操作接口之比", "≥ 30 %", f"{ratio:.1%}", ratio >= 0.3),
        Target("p99（最差一轮）", "≤ 25 ms", f"{p99:.1f} ms", p99 <= 25),
        Target("单个请求，服务内", "≤ 2 ms", f"{alone:.2f} ms", alone <= 2),
        Target("启动到就绪", "≤ 3 s", f"{ready:.2f} s", ready <= 3),
        Target("每进程常驻内存", "≤ 400 MiB", f"{memory:.0f} MiB", memory <= 400),
    ]


def write_report(figures: Figures, folder: Path) -> tuple[Path, Path]:
    """Write `serving.json` and `serving.md`, and return their paths."""
    data, page = folder / "serving.json", folder / "serving.md"
    document = asdict(figures) | {
        "per_second": figures.per_second(),
        "noop_per_second": figures.noop_per_second(),
        "p99_ms": figures.p99_ms(),
        "targets": [asdict(target) for target in targets(figures)],
    }
    with atomic_write(data) as file:
        file.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    with atomic_write(page) as file:
        file.write(_page(figures).encode())
    return data, page


def _page(figures: Figures) -> str:
    plan, machine = figures.plan, figures.machine
    rows = [
        f"| {target.name} | {target.wanted} | {target.measured} | {'✓' if target.is_met else '✗'} |"
        for target in targets(figures)
    ]
    rounds = [
        f"| {n} | {noop.per_second:,.0f} | {ours.per_second:,.0f} "
        f"| {ours.per_second / noop.per_second:.1%} | {ours.p50_ms:.2f} | {ours.p99_ms:.2f} |"
        for n, (noop, ours) in enumerate(zip(figures.noop, figures.triage, strict=True), start=1)
    ]
    lines = [
        "# 服务性能",
        "",
        f"由 `triage bench` 生成。模型 `{figures.model}`，{plan.workers} 个工作进程，"
        f"{plan.connections} 个连接，每轮 {plan.seconds:g} 秒，wrk 与服务同机；"
        f"诉求平均 {figures.mean_characters:.0f} 字。",
        "",
        f"机器：{machine['cpu']}，{machine['cores']} 核，开始时负载 {machine['load_before']}；"
        f"Python {machine['python']}，FastAPI {machine['fastapi']}，uvicorn {machine['uvicorn']}。",
        "",
        "| 指标 | 目标 | 测得 | |",
        "|---|---|---|---|",
        *rows,
        "",
        "空操作接口（同样的请求体，经 FastAPI 校验后什么也不做）每秒 "
        f"{figures.noop_per_second():,.0f}；"
        f"不带请求体的空 GET 每秒 {figures.noop_without_body.per_second:,.0f}。",
        "",
        f"批量接口：每秒 {figures.batch_per_second:,.0f} 条。",
        "",
        "| 轮 | 空操作 /s | 分诊 /s | 比 | p50 ms | p99 ms |",
        "|---|---|---|---|---|---|",
        *rounds,
        "",
        "空操作接口是同一应用里的 `POST /noop`，收同样的请求体，与分诊交替测量；比取各轮的中位数。",
        "",
    ]
    return "\n".join(lines)
