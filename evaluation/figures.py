"""The table of measured figures in the README, made from the reports in `evaluation/results/`.

A figure that is not in a committed report is not in the README; a test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from evaluation.figures_limits import reasons, standing
from triage.errors import UnusableFile
from triage.model.artifact import read_manifest
from triage.model.registry import current_folder

BEGIN, END = "<!-- figures:begin -->", "<!-- figures:end -->"


def readme_with_figures(readme: str, results: Path, models: Path) -> str:
    """Return the README with the block between the markers made anew.

    Parameters
    ----------
    results : folder of reports; models : folder of models, whose current one's manifest is quoted

    Raises
    ------
    UnusableFile
        The markers are missing, or a report is missing or lacks a figure.
    """
    try:
        before, rest = readme.split(BEGIN)
        _, after = rest.split(END)
    except ValueError as error:
        raise UnusableFile(f"README 里没有成对的 {BEGIN} 与 {END} 标记") from error
    return f"{before}{BEGIN}\n\n{figures(results, models)}\n\n{END}{after}"


def figures(results: Path, models: Path) -> str:
    """Return the Markdown tables."""
    try:
        metrics = cast(dict[str, dict[str, Any]], read_manifest(current_folder(models))["metrics"])
        out_of_fold = metrics["letter"]
        parts = [
            _decisions(results, out_of_fold),
            standing(results, read_report, out_of_fold),
            reasons(results, read_report),
            _rules(results),
            _speed(results),
        ]
    except KeyError as error:
        raise UnusableFile(f"{results} 里的报告缺少 {error}：请重新运行测量命令") from error
    return "\n\n".join(parts)


def read_report(results: Path, name: str) -> dict[str, Any]:
    """Return one committed report.

    Raises
    ------
    UnusableFile
        It is missing or no JSON.
    """
    path = results / f"{name}.json"
    try:
        loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnusableFile(f"缺少报告 {path}：请先运行 docs/measuring.md 里的命令") from error
    return loaded


def _decisions(results: Path, out_of_fold: Mapping[str, Any]) -> str:
    columns = {
        "书信折外（13,309 条）": out_of_fold,
        "书信 gold_dev（599 条，未参与训练）": read_report(results, "default_gold_dev")[
            "decisions"
        ],
        "口语留出一（310 条）": read_report(results, "default_heldout")["decisions"],
        "口语留出二（508 条）": read_report(results, "default_heldout_spoken")["decisions"],
    }
    rows: list[tuple[str, Callable[[Mapping[str, Any]], str]]] = [
        ("二级主题 准确率 / macro-F1 / 前三", lambda d: _triple(d["topic"])),
        ("一级主题 准确率", lambda d: _one(d["topic_l1"], "accuracy")),
        ("诉求类型 准确率 / macro-F1 / 前三", lambda d: _triple(d["request_type"])),
        ("紧急程度，模型 准确率 / macro-F1 / 二次 kappa", lambda d: _urgency(d["urgency"])),
        (
            "紧急程度，安全规则之后（对外给出的）准确率 / 紧急召回 / 紧急精确率",
            lambda d: _raised(d["urgency_with_rules"]),
        ),
        (
            "紧急（0–2）召回：精确率 ≥ 0.60 / ≥ 0.75 时",
            lambda d: " / ".join(
                _one(d["urgency"], f"urgent_recall_at_precision_{p}") for p in ("0.60", "0.75")
            ),
        ),
        ("主办条线，模型 准确率 / macro-F1 / 前三", lambda d: _triple(d["lead_unit"])),
        (
            "主办条线，派单目录之后 准确率 / macro-F1 / 前三",
            lambda d: _triple(d["lead_unit_with_catalogue"]),
        ),
        ("协办 micro-F1 · 标记 macro-F1", lambda d: _pair(d)),
    ]
    lines = ["| 决策 | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
    for title, cell in rows:
        cells = [cell(d) if _has(d, title) else "–" for d in columns.values()]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _has(decisions: Mapping[str, Any], title: str) -> bool:
    """Return whether the rows of the pipeline are there: out of fold only the model was asked."""
    needed = {
        "一级": "topic_l1",
        "安全规则": "urgency_with_rules",
        "派单目录": "lead_unit_with_catalogue",
    }
    return all(name in decisions for word, name in needed.items() if word in title)


def _rules(results: Path) -> str:
    runs = [read_report(results, f"masking{suffix}")["overall"] for suffix in ("_first_run", "")]
    gates = [
        read_report(results, f"acceptance{suffix}")["acceptance"]
        for suffix in ("_first_run", "_unseen_half", "")
    ]
    emergencies = [gate["decisions"]["EMERGENCY_HANDOFF"] for gate in gates]
    spoken = read_report(results, "acceptance")["spoken"]
    elements = read_report(results, "elements")["overall"]
    refusals = read_report(results, "acceptance")["messages"]["false_refusals"]
    seven = read_report(results, "seven_classes")
    first, now = (f"{run['precision']:.3f} / {run['recall']:.3f}" for run in runs)
    accuracies = " | ".join(f"{gate['accuracy']:.3f}" for gate in gates)
    handoffs = " | ".join(f"{e['precision']:.3f} / {e['recall']:.3f}" for e in emergencies)
    return "\n".join(
        [
            "案例先冻结、后写规则；“未读的一半”是看过一半案例之后在另一半上的成绩，"
            "最接近遇到新说法时的表现；“现在”是看过全部错误之后的，偏乐观。",
            "",
            "| 规则 | 首次运行 | 未读的一半 | 现在 |",
            "|---|---|---|---|",
            f"| 脱敏 419 例：精确率 / 召回 | {first} | – | {now} |",
            f"| 受理判定 830 例：准确率 | {accuracies} |",
            f"| 立即转警：精确率 / 召回 | {handoffs} |",
            "",
            f"- 立即转警，口语留出 {spoken['n']} 条（未读过）：0 级 {spoken['emergencies']} 条"
            f"召回 {spoken['recall']:.2f}；转警 {spoken['handed_over']} 条里 0 级占 "
            f"{spoken['precision']:.2f}，0–1 级占 {spoken['precision_0_1']:.2f}",
            f"- 真实书信 {refusals['n']} 条上的误拒（应受理而建议不受理）：{refusals['share']:.2%}",
            f"- 要素抽取（地点、对象、时间、要求，310 条留出）：F1 {elements['f1']:.3f}",
            f"- 七类官方标签，留出 {seven['test']} 条：macro-F1 {seven['topic']['macro_f1']:.4f}，"
            f"训练 {seven['train_seconds']:.0f} 秒",
        ]
    )


def _speed(results: Path) -> str:
    serving = read_report(results, "serving")
    lines = ["| 服务（2 核，压测程序同机） | 目标 | 测得 |", "|---|---|---|"]
    lines += [
        f"| {row['name']} | {row['wanted']} | {row['measured']} |" for row in serving["targets"]
    ]
    noop = serving["noop_per_second"]
    lines.append(f"| 同一轮的参照：空操作接口，每秒请求 | – | {noop:,.0f} |")
    predict = read_report(results, "predict_speed")
    lines.append(
        f"| 批量 `triage predict`，250 字 | ≥ 4,000 条/秒 | {predict['per_second']:,.0f} 条/秒 |"
    )
    return "\n".join(lines)


def _one(figures: Mapping[str, Any], name: str) -> str:
    return f"{figures[name]:.3f}"


def _triple(figures: Mapping[str, Any]) -> str:
    return " / ".join(_one(figures, name) for name in ("accuracy", "macro_f1", "top3"))


def _urgency(figures: Mapping[str, Any]) -> str:
    return " / ".join(_one(figures, name) for name in ("accuracy", "macro_f1", "quadratic_kappa"))


def _raised(figures: Mapping[str, Any]) -> str:
    names = ("accuracy", "urgent_recall", "urgent_precision")
    return " / ".join(_one(figures, name) for name in names)


def _pair(decisions: Mapping[str, Any]) -> str:
    support, flags = decisions["support_units"], decisions["flags"]
    return f"{support['micro_f1']:.3f} · {flags['macro_f1']:.3f}"
