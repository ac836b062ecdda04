"""The report on life safety as a Markdown page: the figures of the JSON, nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_STYLES = {"transcript": "口述转写", "note": "坐席记录", "letter": "留言", "unsaid": "未注明"}


def to_markdown(report: Mapping[str, Any]) -> str:
    """Return the page of a report that `triage measure-safety` wrote."""
    lines = [
        "# 生命安全（0–1 级）的测量",
        "",
        f"模型 {report['model']}，规则 {report['rules']}，阈值 {report['thresholds']}。",
        "给出的紧急程度 ≤ 1 或判为立即转警即算找到；“仅规则”不用模型。",
        "",
        "| 测试集 | 0–1 级召回 | 0 级 | 1 级 | 仅规则 | 其余误报 | 仅规则误报 |",
        "|---|---|---|---|---|---|---|",
    ]
    for key, title in (("cases", "手写案例"), ("spoken", "口语留出集")):
        part = report[key]
        lines.append(_row(title, part["all"]))
        for half, name in (("odd_read", "奇数号（已读）"), ("even_unseen", "偶数号（未读）")):
            if half in part:
                lines.append(_row(f"{title}，{name}", part[half]))
        lines += [
            _row(f"{title}，{_STYLES.get(style, style)}", figures)
            for style, figures in part["by_style"].items()
        ]
    lines += _messages(report["messages"])
    lines += ["", "| 手写案例的种类 | 条数 | 找到 |", "|---|---|---|"]
    for kind, found in report["cases"]["by_kind"].items():
        lines.append(f"| {kind} | {found['n']} | {found['found']} |")
    return "\n".join(lines) + "\n"


def _messages(messages: Mapping[str, Any] | None) -> list[str]:
    if messages is None:
        return []
    lines = ["", "| 真实留言 | 0–1 级召回 | 0 级 | 1 级 | 2–4 级误报 |", "|---|---|---|---|---|"]
    for key, title in (("rules_alone", "仅规则"), ("out_of_fold", "规则＋模型（折外概率）")):
        f = messages[key]
        if f is not None:
            cells = [f["recall"], f["recall_0"], f["recall_1"], f["false_alarms"]]
            lines.append(f"| {title} | {' | '.join(map(_cell, cells))} |")
    return lines


def _row(title: str, f: Mapping[str, Any]) -> str:
    names = ("recall", "recall_0", "recall_1", "recall_rules_alone")
    alarms = ("false_alarms", "false_alarms_rules_alone")
    return f"| {title} | {' | '.join(_cell(f[name]) for name in (*names, *alarms))} |"


def _cell(found: Mapping[str, Any]) -> str:
    if not found["n"]:
        return "–"
    return f"{found['share']:.3f}（{found['found']}/{found['n']}）"
