"""A report as a Markdown page for people: the same figures as the JSON, nothing more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from triage.request import Json

NAMES = {
    "topic": "主题",
    "topic_l1": "主题一级",
    "topic2": "第二件事",
    "request_type": "诉求类型",
    "urgency": "紧急程度（模型）",
    "urgency_with_rules": "紧急程度（规则之后）",
    "lead_unit": "主办条线",
    "lead_unit_with_catalogue": "主办条线（派单目录之后）",
    "support_units": "协办条线",
    "flags": "标记",
}
_KINDS = {"style": "文体", "l1": "主题一级", "length": "字数", "district": "区县"}
_COLUMNS = (
    ("accuracy", "准确率"),
    ("micro_f1", "micro-F1"),
    ("macro_f1", "macro-F1"),
    ("top3", "前三命中"),
    ("ece", "ECE"),
    ("ece_debiased", "去噪校准误差"),
    ("n", "条数"),
)
_URGENCY = (
    ("urgent", "紧急（0–2 级）条数"),
    ("urgent_recall", "紧急召回率"),
    ("urgent_precision", "紧急精确率"),
    ("quadratic_kappa", "二次加权 kappa"),
    ("alarms", "0–1 级告警数"),
    ("false_alarms", "其中误报"),
    ("false_alarms_on_calm", "其中不紧急的"),
)
_WORST = 15

Figures = Mapping[str, Json]


def to_markdown(report: Figures, pictures: Mapping[str, str]) -> str:
    """Return the page; `pictures` maps a caption to a path relative to it."""
    decisions = cast(Mapping[str, Figures], report["decisions"])
    lines = [
        f"# 评估报告：{report['model']}",
        "",
        f"- 数据 {report['n']} 条，sha256 `{report['data_sha256']}`",
        f"- 代码表 {report['catalogue']}，规则 {report['rules']}",
    ]
    if report["is_training_data"]:
        lines.append("- **这就是训练数据：下面的数字不能说明模型的好坏**")
    if report["not_measured"]:
        names = "、".join(NAMES[str(name)] for name in cast(list[str], report["not_measured"]))
        lines.append(f"- 数据有标签而模型没有学过，未评估：{names}")
    lines += ["", "## 各项决策", "", *_decisions(decisions), "", *_urgency(decisions)]
    lines += _unknown(decisions)
    lines += _abstention(cast(Figures, report["abstention"]))
    lines += _selection(cast(Mapping[str, Mapping[str, Figures]], report["selection"]))
    lines += _slices(cast(Mapping[str, Mapping[str, Figures]], report["slices"]))
    lines += _confusions(cast(Mapping[str, Sequence[Figures]], report["confusions"]))
    lines += _worst(decisions)
    for caption, path in pictures.items():
        lines += [f"## {caption}", "", f"![{caption}]({path})", ""]
    return "\n".join(lines)


def _decisions(decisions: Mapping[str, Figures]) -> list[str]:
    rows = []
    for name, figures in decisions.items():
        intervals = cast(Mapping[str, Sequence[Json]], figures["interval"])
        cells = []
        for column, _ in _COLUMNS:
            ends = intervals.get(column)
            around = f"（{_cell(ends[0])}–{_cell(ends[1])}）" if ends else ""
            cells.append(_cell(figures.get(column)) + around)
        rows.append([NAMES.get(name, name), *cells])
    return [
        *table(["决策", *(title for _, title in _COLUMNS)], rows),
        "",
        "括号里是 95 % 自助法区间。ECE 在条数少时偏大，去噪校准误差扣除了这部分抽样噪声。",
    ]


def _urgency(decisions: Mapping[str, Figures]) -> list[str]:
    found = {name: figures for name, figures in decisions.items() if "urgent" in figures}
    if not found:
        return []
    titles = ["", *(NAMES.get(name, name) for name in found)]
    rows = [
        [title, *(_cell(figures.get(key)) for figures in found.values())] for key, title in _URGENCY
    ]
    return ["## 紧急程度", "", *table(titles, rows), ""]


def _unknown(decisions: Mapping[str, Figures]) -> list[str]:
    rows = [
        [NAMES.get(name, name), safe(label), str(count)]
        for name, figures in decisions.items()
        for label, count in cast(Mapping[str, int], figures.get("unknown_labels", {})).items()
    ]
    if not rows:
        return []
    return ["## 模型不认识的标签（一律算错）", "", *table(["决策", "标签", "条数"], rows), ""]


def _abstention(figures: Figures) -> list[str]:
    line = f"{_share(figures['share'])} 的诉求系统声明没有把握"
    if figures.get("topic_accuracy_answered") is not None:
        line += f"；有把握的主题准确率 {_cell(figures['topic_accuracy_answered'])}"
    if figures.get("topic_accuracy_abstained") is not None:
        line += f"，没有把握的 {_cell(figures['topic_accuracy_abstained'])}"
    return ["## 弃权", "", line + "。", ""]


def _selection(decisions: Mapping[str, Mapping[str, Figures]]) -> list[str]:
    if not decisions:
        return []
    rows = [
        [NAMES.get(name, name), _share(float(risk)), _cell(figures["threshold"]),
         _share(figures["coverage"]), _share(figures["risk"]), _share(figures["oracle_coverage"])]
        for name, at in decisions.items()
        for risk, figures in at.items()
    ]  # fmt: skip
    titles = ["决策", "差错上限", "所需把握", "免核对的占比", "实际差错", "事后最优的占比"]
    return [
        "## 免核对：差错有上限的建议",
        "",
        *table(titles, rows),
        "",
        "所需把握由训练时的留出数据给出（固定顺序检验，保证失效的概率不超过 10 %）；"
        "“事后最优”是用这份数据自己挑阈值的上限，只供对照。",
        "",
    ]


def _slices(kinds: Mapping[str, Mapping[str, Figures]]) -> list[str]:
    lines: list[str] = []
    for kind, found in kinds.items():
        names = list(dict.fromkeys(name for row in found.values() for name in row if name != "n"))
        rows = []
        for value, row in found.items():
            cells = []
            for name in names:
                figures = cast(Mapping[str, Json], row.get(name, {}))
                cells.append(_with_confidence(figures))
            rows.append([safe(value), str(row["n"]), *cells])
        titles = [_KINDS[kind], "条数", *(NAMES.get(name, name) for name in names)]
        lines += [f"## 分组：{_KINDS[kind]}", "", *table(titles, rows), ""]
    if lines:
        lines += [
            "单标签决策为准确率（括号里是平均把握，两者应相近），多标签决策为 micro-F1；"
            "少于 30 条的分组不列。",
            "",
        ]
    return lines


def _with_confidence(figures: Figures) -> str:
    if "confidence" in figures:
        return f"{_cell(figures['accuracy'])}（{_cell(figures['confidence'])}）"
    return _cell(figures.get("accuracy", figures.get("micro_f1")))


def _confusions(decisions: Mapping[str, Sequence[Figures]]) -> list[str]:
    lines: list[str] = []
    for name, pairs in decisions.items():
        if pairs:
            rows = [
                [safe(str(pair["truth"])), safe(str(pair["guess"])), str(pair["count"]),
                 _share(pair["share"])]
                for pair in pairs
            ]  # fmt: skip
            titles = ["应为", "答成", "条数", "占该标签"]
            lines += [f"## 最常混淆：{NAMES.get(name, name)}", "", *table(titles, rows), ""]
    return lines


def _worst(decisions: Mapping[str, Figures]) -> list[str]:
    lines: list[str] = []
    for name in ("topic", "lead_unit"):
        classes = cast(Mapping[str, Figures], decisions.get(name, {}).get("per_class", {}))
        present = [(label, row) for label, row in classes.items() if row["support"]]
        present.sort(key=lambda item: (cast(float, item[1]["f1"]), item[0]))
        rows = [
            [safe(label), *(_cell(row[key]) for key in ("precision", "recall", "f1", "support"))]
            for label, row in present[:_WORST]
        ]
        if rows:
            titles = ["标签", "精确率", "召回率", "F1", "条数"]
            lines += [f"## F1 最低的标签：{NAMES[name]}", "", *table(titles, rows), ""]
    return lines


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table."""
    return [
        "| " + " | ".join(titles) + " |",
        "|" + "---|" * len(titles),
        *("| " + " | ".join(row) + " |" for row in rows),
    ]


def _cell(value: Json) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _share(value: Json) -> str:
    return f"{value:.1%}" if isinstance(value, float | int) else "–"


def safe(value: str) -> str:
    """Keep a city's own label from breaking the table."""
    return value.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
