"""The report of the same-event measurement as a page for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from triage.request import Json

_ROWS = (
    ("平均精确率", "average_precision"),
    ("最佳 F1", "best_f1"),
    ("召回 0.9 时的精确率", "precision_at_recall_0.9"),
    ("精确率 0.98 时的召回", "recall_at_precision_0.98"),
)


def page(report: Mapping[str, Json]) -> str:
    """Return the page in Markdown."""
    lines = [f"# 同一事件测量：{report['model']}", ""]
    if report.get("pairs") is None:
        lines += ["没有开发者数据或折外概率：判定对与检索这次没有测。", ""]
    else:
        lines += _pairs(_part(report, "pairs"), "按 component 分折，只看折外")
        lines += _retrieval(_part(report, "retrieval"))
    if report.get("fresh") is not None:
        lines += ["## 没有用来训练的判定对", ""]
        lines += _pairs(_part(report, "fresh"), "模型没有见过")
    return "\n".join([*lines, *_cases(_part(report, "cases"))]) + "\n"


def _pairs(pairs: Mapping[str, Json], how: str) -> list[str]:
    model, fast, plain = (_part(pairs, name) for name in ("model", "fast", "baseline"))
    merge, scale = _part(pairs, "automatic_merge"), _part(pairs, "calibration")
    classes = _part(pairs, "three_classes")
    return [
        f"{pairs['pairs']} 对（同一事件 {pairs['positives']}，component {pairs['components']}），"
        f"{how}；基线是同一批对上的字符 1–2 元 TF-IDF 余弦。",
        "",
        "| | 细读 | 不细读 | 基线 |",
        "|---|---|---|---|",
        *(f"| {name} | {model[key]} | {fast[key]} | {plain[key]} |" for name, key in _ROWS),
        "",
        f"- 自动并单门槛：精确率 {merge['precision']}，召回 {merge['recall']}",
        f"- 校准误差 ECE {scale['ece']}（去噪 {scale['debiased']}）",
        f"- 三类：准确率 {classes['accuracy']}，macro-F1 {classes['macro_f1']}",
        "",
    ]


def _retrieval(retrieval: Mapping[str, Json]) -> list[str]:
    return [
        f"- 全库检索 recall@10：{retrieval['recall_at_10']}（前 30 条 "
        f"{retrieval['recall_at_30']}，候选 {retrieval['recall_of_candidates']}）；仅向量 "
        f"{retrieval['recall_at_10_vectors']}",
        "",
    ]


def _cases(cases: Mapping[str, Json]) -> list[str]:
    kinds = _part(cases, "kinds")
    return [
        f"手写案例 {cases['cases']} 对：三类准确率 {cases['accuracy']}，平均精确率 "
        f"{cases['average_precision']}，最佳 F1 {cases['best_f1']}",
        "",
        "| 种类 | 对数 | 判对 | 判为同一事件 |",
        "|---|---|---|---|",
        *(
            f"| {kind} | {_part(kinds, kind)['cases']} | {_part(kinds, kind)['right']} "
            f"| {_part(kinds, kind)['said_same']} |"
            for kind in kinds
        ),
    ]


def _part(report: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    return cast("Mapping[str, Json]", report[name])
