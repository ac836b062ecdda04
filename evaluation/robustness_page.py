"""The report on noise as a page for people: the same figures as the JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.page import Page, Part, Section, Table

TITLES = {
    "topic": "主题",
    "topic_l1": "主题一级",
    "lead_unit": "主办条线",
    "request_type": "诉求类型",
    "urgent_found": "紧急召回",
    "calm_left": "不紧急的没有误报",
    "abstain": "弃权",
    "topic_confidence": "主题把握",
    "lead_unit_confidence": "主办把握",
    "assured": "主办可免核对",
    "assured_right": "免核对的正确率",
}
_INTRO = (
    "同一批诉求加上噪声前后成对比较，括号里是差值的 95 % 自助法区间（百分点）。标题和正文按同样的"
    "比例加噪声；噪声按固定种子生成，见 `evaluation/perturbations/`。"
)


def robustness_page(report: Mapping[str, Any]) -> Page:
    """Return the page."""
    sections = [
        Section("目标", (_aim(report["aim"]), _INTRO)),
        *(_set(name, part) for name, part in report["sets"].items()),
    ]
    return Page(f"抗噪测量 / Robustness：{report['model']}", tuple(sections))


def _aim(aim: Mapping[str, Any]) -> str:
    worst = aim["worst"]
    if worst is None:
        return f"没有测 {aim['kind']}。"
    verdict = "达到" if aim["reached"] else "未达到"
    return (
        f"{aim['kind']} 时各项决策的准确率下降不超过 {aim['limit'] * 100:.0f} 个百分点：{verdict}；"
        f"下降最多的是{TITLES[worst['decision']]}（{worst['set']}），"
        f"{worst['loss'] * 100:.1f} 个百分点。"
    )


def _set(name: str, part: Mapping[str, Any]) -> Section:
    parts: list[Part] = [f"{part['n']} 条；“原文”一行是没有噪声时的值。"]
    for names in (
        ("topic", "topic_l1", "lead_unit", "request_type"),
        ("urgent_found", "calm_left", "abstain", "topic_confidence", "lead_unit_confidence"),
        ("assured", "assured_right"),
    ):
        clean = ("原文", "", *(_share(part["clean"][figure]) for figure in names))
        rows = [clean, *(_row(kind, names) for kind in part["kinds"].values())]
        parts.append(Table(("噪声", "比例", *(TITLES[figure] for figure in names)), tuple(rows)))
    return Section(name, tuple(parts))


def _row(kind: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
    rate = "" if kind["rate"] is None else f"{kind['rate']:.0%}"
    return (kind["title"], rate, *(_change(kind["figures"][figure]) for figure in names))


def _change(figure: Mapping[str, Any]) -> str:
    if figure["difference"] is None:
        return "–"
    low, high = figure["interval"]
    return f"{points(figure['difference'])}（{points(low)} 至 {points(high)}）"


def points(share: float | None) -> str:
    """Return a difference of shares in points, with its sign."""
    return "–" if share is None else f"{share * 100:+.1f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.1f} %"
