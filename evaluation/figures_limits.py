"""README tables on what may stand unchecked, life safety, disputes, reasons and several matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Read = Callable[[Path, str], dict[str, Any]]
_RISKS = ("0.02", "0.05", "0.1")
_ACCURACIES = ("topic", "topic_l1", "lead_unit", "request_type")
_JUDGED = {"topic_l1": "一级主题", "topic": "二级主题", "lead_unit": "主办条线"}


def standing(results: Path, read: Read, out_of_fold: Mapping[str, Any]) -> str:
    """Return the table of suggestions that stand without a check, by risk target."""
    gold = read(results, "default_gold_dev")["selection"]
    lines = [
        "城市给出差错上限，系统只让够把握的建议免核对（覆盖率 / 实际差错）：",
        "",
        "| 决策 | 数据 | " + " | ".join(f"上限 {float(risk):.0%}" for risk in _RISKS) + " |",
        "|---|---|" + "---|" * len(_RISKS),
    ]
    for name, title in _JUDGED.items():
        rows = {"gold_dev": gold.get(name), "书信折外": out_of_fold.get(name, {}).get("selection")}
        for data, at in rows.items():
            if at:
                cells = [_covered(at[risk]) for risk in _RISKS]
                lines.append(f"| {title} | {data} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def reasons(results: Path, read: Read) -> str:
    """Return the list of figures on safety, disputes, boundaries, reasons, matters and noise."""
    safety, dispatch = read(results, "life_safety"), read(results, "dispatch")
    first = read(results, "life_safety_first_run")["cases"]["all"]["recall"]["share"]
    unseen, spoken = safety["cases"]["even_unseen"], safety["spoken"]["all"]
    letters = safety["messages"]["out_of_fold"]
    disputes, lines = dispatch["disputes"], dispatch["boundaries"]["even_unseen"]
    even = disputes["even_unseen"]
    return "\n".join(
        [
            f"- 生命安全（0–1 级），300 条先冻结的案例：首次运行召回 {first:.3f}，现在未读的一半 "
            f"{unseen['recall']['share']:.3f}，全部 "
            f"{safety['cases']['all']['recall']['share']:.3f}；口语留出二召回 "
            f"{spoken['recall']['share']:.3f}、误报 {spoken['false_alarms']['share']:.1%}；"
            f"真实书信折外召回 {letters['recall']['share']:.3f}、"
            f"误报 {letters['false_alarms']['share']:.2%}",
            f"- 十二类职责争议 {disputes['n']} 例：主办准确率 仅模型 "
            f"{disputes['all']['model']['lead_accuracy']:.3f}，加派单目录 "
            f"{disputes['all']['with_catalogue']['lead_accuracy']:.3f}（未读的一半 "
            f"{even['with_catalogue']['lead_accuracy']:.3f}）；违反目录排除 "
            f"{disputes['all']['with_catalogue']['excluded_by_catalogue_suggested']} 条",
            f"- 边界地带，未读的 {lines['n']} 例：候选单位完全一致 "
            f"{lines['candidates_exact']:.3f}，"
            f"临时牵头 {lines['interim_accuracy']:.3f}",
            *_explanations(results, read),
            *_matters_and_noise(results, read),
        ]
    )


def _explanations(results: Path, read: Read) -> list[str]:
    topic = read(results, "evidence")["书信留出折"]["decisions"]["topic"]
    asked = read(results, "questions")["口语留出"]["scores"]["all"]
    return [
        f"- 依据属实（没见过的书信 {topic['n']} 条，主题）：去掉依据后把握掉 {topic['drop']:.2f}，"
        f"去掉等长的随机片段掉 {topic['random_drop']:.2f}",
        f"- 追问（口语留出一，删去要素 {asked['n']} 次）：判断因此改变时问到该要素 "
        f"{asked['recall']:.2f}，没有改变时不问该要素 {asked['not_asked_when_same']:.2f}",
    ]


def _matters_and_noise(results: Path, read: Read) -> list[str]:
    matters, noise = read(results, "matters"), read(results, "robustness")["sets"]
    found = matters["out_of_fold"]
    lost = {
        name: max(
            -figures["difference"]
            for figure, figures in part["kinds"]["asr_5%"]["figures"].items()
            if figure in _ACCURACIES
        )
        for name, part in noise.items()
    }
    worst = max(lost, key=lost.__getitem__)
    return [
        f"- 一诉多事，折外 {found['n']} 条：有无第二件 F1 {found['presence_f1']:.3f}，"
        f"且主题全对 {found['right_f1']:.3f}，误拆 {found['false_split']:.1%}；"
        f"手写案例 {matters['cases']['n']} 条且主题全对 {matters['cases']['right_f1']:.3f}",
        f"- 5 % 的字成为同音错字：各项准确率最多掉 {100 * lost[worst]:.1f} 个百分点（{worst}）",
    ]


def _covered(figures: Mapping[str, Any]) -> str:
    if not figures["coverage"]:
        return "–"
    return f"{figures['coverage']:.1%} / {figures['risk']:.1%}"
