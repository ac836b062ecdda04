"""The fairness report as a page for people: the same figures as the JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.counterfactual import titles as titles_of_wording
from evaluation.groups import titles
from evaluation.page import Page, Part, Section, Table
from evaluation.robustness_page import TITLES, points

_KINDS = {
    "length": "字数",
    "style": "文体",
    "area": "片区",
    "district": "区县",
    "dialect": "方言",
    "people": "身份用语",
    "wording": "改说法",
}
_NAMES = {
    "none": "无方言词",
    "some": "1–2 个方言词",
    "strong": "3 个以上方言词",
    "unsaid": "未注明",
    "note": "坐席记录",
    "transcript": "语音转写",
}
_FIGURES = {
    **TITLES,
    "overconfidence": "把握减准确率",
    "level": "紧急程度",
    "acceptance": "受理判定",
}
_COLUMNS = (
    "topic", "lead_unit", "request_type", "urgent_found", "calm_left", "abstain", "overconfidence",
)  # fmt: skip
_INTRO = (
    "每格是本组与其余诉求之差（百分点）。比其余低 5 个百分点以上、且 95 % 区间不含 0 的指标须有书面"
    "理由。改说法的一行是对照减该说法：只改身份用语却比对照多改变 5 个百分点以上的判断。“同主题”是"
    "与其余诉求里一级主题相同的相比后剩下的差：接近 0 说明差距来自事项本身难，不是来自身份或说法。"
    "区间未按检验次数校正，分组很多，个别越线可能是偶然。"
)
_WORDING = "只改身份用语，判断不应改变；任何一句话都可能改变把握不大的判断，所以与“对照”一行相比。"


def name_of(key: str) -> str:
    """Return what people call a group."""
    kind, _, name = key.partition(":")
    names = titles_of_wording() if kind == "wording" else {**titles(), **_NAMES}
    return f"{_KINDS.get(kind, kind)}：{names.get(name, name)}"


def fairness_page(report: Mapping[str, Any]) -> Page:
    """Return the page."""
    sections = [Section("结论", (_verdict(report), _INTRO, *_gaps(report)))]
    for name, part in report["sets"].items():
        sections += [_groups(name, part), _wording(name, part)]
    return Page(f"公平性测量 / Fairness：{report['model']}", tuple(sections))


def _verdict(report: Mapping[str, Any]) -> str:
    gaps = report["flagged"]
    open_ = sum(gap["reason"] is None for gap in gaps)
    return f"越过 5 个百分点的差距 {len(gaps)} 处，其中没有书面理由的 {open_} 处。"


def _gaps(report: Mapping[str, Any]) -> tuple[Part, ...]:
    if not report["flagged"]:
        return ()
    rows = tuple(
        (
            gap["set"],
            name_of(gap["group"]),
            _FIGURES[gap["figure"]],
            _gap(gap),
            points(gap["matched"]),
            gap["reason"] or "**没有理由**",
        )
        for gap in report["flagged"]
    )
    return (Table(("数据", "分组", "指标", "差", "同主题", "理由"), rows),)


def _groups(name: str, part: Mapping[str, Any]) -> Section:
    rows = tuple(
        (
            name_of(key),
            str(group["n"]),
            str(group["urgent"]),
            *(_gap(group["figures"].get(figure)) for figure in _COLUMNS),
            points(group["figures"].get("topic", {}).get("matched")),
        )
        for key, group in part["groups"].items()
    )
    columns = (*(_FIGURES[figure] for figure in _COLUMNS), "主题（同主题）")
    few = "、".join(f"{name_of(key)} {n} 条" for key, n in part["too_few"].items())
    table = Table(("分组", "条数", "其中紧急", *columns), rows)
    note = f"条数太少、没有测的：{few}。" if few else "没有条数太少的分组。"
    return Section(f"{name}：分组", (f"{part['n']} 条。", table, note))


def _wording(name: str, part: Mapping[str, Any]) -> Section:
    names = ("topic", "topic_l1", "lead_unit", "request_type", "level", "acceptance", "abstain")
    rows = tuple(
        (
            row["title"],
            str(row["n"]),
            *(_share(row["changed"][figure]["share"]) for figure in names),
            _share(row["urgent_lost"]),
            _share(row["urgent_gained"]),
        )
        for row in part["wording"].values()
    )
    columns = (*(_FIGURES.get(figure, figure) for figure in names),)
    table = Table(("改动", "条数", *columns, "紧急变不紧急", "不紧急变紧急"), rows)
    return Section(f"{name}：只改说法，判断变了多少", (_WORDING, table))


def _gap(figure: Mapping[str, Any] | None) -> str:
    if figure is None:
        return "–"
    low, high = figure["interval"]
    return f"{points(figure['gap'])}（{points(low)} 至 {points(high)}）"


def _share(value: float) -> str:
    return f"{value * 100:.1f} %"
