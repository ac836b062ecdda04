"""The model card: written from the manifest and from evaluation reports, never typed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from triage.files import atomic_write
from triage.model.artifact import CARD
from triage.request import Json

_COLUMNS = ("accuracy", "micro_f1", "macro_f1", "top3", "ece", "n")


def write_card(
    folder: Path,
    manifest: Mapping[str, Json],
    notice: str,
    reports: Mapping[str, Mapping[str, Json]] | None = None,
) -> None:
    """Write `card.md` beside the weights; `reports` maps a title to `decisions` of a report."""
    lines = [
        f"# 模型卡：{manifest['version']}",
        "",
        f"- 训练数据 {manifest['examples']} 条，sha256 `{manifest['data_sha256']}`",
        f"- 划分方式 {manifest['split']}；近似重复的诉求不会跨折",
        "- 方法：字符 n-gram 散列特征、线性分类器，概率在留出折上校准；权重里没有任何原文",
        "",
    ]
    if notice:
        lines += ["## 数据来源与条款", "", notice.strip(), ""]
    metrics = cast(Mapping[str, Mapping[str, Json]], manifest["metrics"])
    for title, decisions in metrics.items():
        lines += [f"## 留出折（{title}）", "", *table(decisions), ""]
    for title, decisions in (reports or {}).items():
        lines += [f"## {title}", "", *table(decisions), ""]
    lines += [
        "## 不适用",
        "",
        "- 只给建议：除“受理”和“立即转警”外都要人工确认，不能用来拒绝诉求。",
        "- 标签来自语言模型标注者按规范标注并复核，不是热线人员；罕见主题样本少，见各类指标。",
        "- 换一个城市、换一套目录，请用本地数据重新训练并复核。",
        "",
    ]
    with atomic_write(folder / CARD) as file:
        file.write("\n".join(lines).encode())


def table(decisions: Mapping[str, Json]) -> list[str]:
    """Return a Markdown table of decisions × figures."""
    rows = [
        "| 决策 | 准确率 | micro-F1 | macro-F1 | 前三命中 | ECE | 条数 |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, figures in decisions.items():
        values = cast(Mapping[str, Json], figures)
        cells = [str(values.get(column, "–")) for column in _COLUMNS]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return rows
