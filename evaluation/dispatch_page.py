"""The report on the dispatch catalogue as a Markdown page: figures of the JSON, nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_HALVES = (("all", "全部"), ("odd_read", "奇数号（已读）"), ("even_unseen", "偶数号（未读）"))


def to_markdown(report: Mapping[str, Any]) -> str:
    """Return the page of a report that `triage measure-dispatch` wrote."""
    lines = [
        "# 派单目录的测量",
        "",
        f"模型 {report['model']}，代码表 {report['catalogue']}。",
        "",
        "| 争议案例 | 条数 | 主办准确率 | 前三 | 协办 F1 | 目录条目的主办 "
        "| 违反目录排除 | 违反案例排除 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    disputes = report["disputes"]
    for key, title in _HALVES:
        for who, name in (("model", "仅模型"), ("with_catalogue", "模型＋目录")):
            lines.append(_row(f"{title}，{name}", disputes[key][who]))
    for dispute, figures in disputes["by_dispute"].items():
        for who, name in (("model", "仅模型"), ("with_catalogue", "模型＋目录")):
            lines.append(_row(f"{dispute}，{name}", figures[who]))
    lines += [
        "",
        "| 边界案例 | 条数 | 候选完全一致 | 候选召回 | 临时牵头 | 联合踏勘 |",
        "|---|---|---|---|---|---|",
    ]
    boundaries = report["boundaries"]
    named = [(title, boundaries[key]) for key, title in _HALVES]
    for title, f in (*named, *boundaries["by_kind"].items()):
        lines.append(
            f"| {title} | {f['n']} | {f['candidates_exact']} | {f['candidates_recall']} "
            f"| {f['interim_accuracy']} | {f['joint_accuracy']} |"
        )
    messages = report["messages"]
    if messages:
        lines += [
            "",
            f"真实书信 {messages['n']} 条：由条件条目管辖 "
            f"{messages['governed_by_a_condition']} 条，"
            f"主办因目录而改变 {messages['lead_moved']} 条，"
            f"标注的主办被目录排除 {messages['lead_barred']} 条（{messages['share_barred']:.3%}），"
            f"标注的主办被认作举报对象 {messages['lead_accused']} 条。",
        ]
    return "\n".join(lines) + "\n"


def _row(title: str, f: Mapping[str, Any]) -> str:
    return (
        f"| {title} | {f['n']} | {f['lead_accuracy']} | {f['lead_top3']} | {f['support_f1']} "
        f"| {f['catalogue_lead_accuracy']} | {f['excluded_by_catalogue_suggested']} "
        f"| {f['excluded_by_case_as_lead_or_support']} |"
    )
