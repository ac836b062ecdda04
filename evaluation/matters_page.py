"""The report on second matters as a Markdown page: the same figures as the JSON, nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from triage.request import Json

_COLUMNS = (
    ("n", "条数"),
    ("second", "真有第二件"),
    ("split", "拆分"),
    ("presence_precision", "有无 精确率"),
    ("presence_recall", "有无 召回"),
    ("presence_f1", "有无 F1"),
    ("right_f1", "有且主题全对 F1"),
    ("second_named_f1", "第二件主题在列 F1"),
    ("false_split", "误拆率"),
    ("span_overlap", "位置重合"),
    ("microseconds_a_request", "微秒/条"),
)


def page(report: Mapping[str, Json]) -> str:
    """Return the page of a report."""
    out_of_fold = report.get("out_of_fold")
    rows: list[tuple[str, Json]] = [("训练集折外", out_of_fold)]
    if isinstance(out_of_fold, dict):
        rows.append(("其中书信", out_of_fold.get("letters")))
    rows += cast(dict[str, Json], report.get("requests", {})).items()
    rows.append(("手写案例", report.get("cases")))
    lines = [
        f"# 多事项拆分：{report['model']}",
        "",
        "主题对错不分先后（两件事谁排第一由标注者定）；误拆率以只有一件事的诉求为分母。",
        "",
        "| 数据 | " + " | ".join(name for _, name in _COLUMNS) + " |",
        "|---" * (len(_COLUMNS) + 1) + "|",
    ]
    for name, figures in rows:
        if isinstance(figures, dict):
            cells = ["–" if figures.get(key) is None else str(figures[key]) for key, _ in _COLUMNS]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
