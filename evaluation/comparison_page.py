"""The comparison of two models for people: a verdict in Chinese, tables, a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from evaluation.bootstrap import Interval
from evaluation.charts import dots
from evaluation.comparison import is_apart
from evaluation.markdown import NAMES
from evaluation.page import Page, Part, Picture, Section, Table
from triage.request import Json

Figures = Mapping[str, Json]
FIGURES = {
    "accuracy": "准确率",
    "micro_f1": "micro-F1",
    "macro_f1": "macro-F1",
    "urgent_recall": "紧急召回率",
}
_KINDS = {
    "style": "文体",
    "l1": "主题一级",
    "length": "字数",
    "district": "区县",
    "support": "标签在数据里的条数",
}
_SMALLEST_P = 0.0001
_SIGNS = {1: "B 更好", 0: "", -1: "B 更差"}


def verdict(report: Figures) -> str:
    """Return in one paragraph which model is better, in what, and what cannot be told."""
    better, worse = _apart(report, 1), _apart(report, -1)
    a, b = report["a"], report["b"]
    said = [f"在 {report['n']} 条有标签的诉求上，以 A（{a}）为准看 B（{b}）："]
    if better:
        said.append(f"B 更好的有{'；'.join(better)}。")
    if worse:
        said.append(f"B 更差的有{'；'.join(worse)}。")
    if not _changed(report):
        said.append("两者的答案完全一样。")
    elif not better and not worse:
        said.append("没有一项差别大到能排除抽样误差（95% 区间都含 0），看不出谁更好。")
    elif not worse:
        said.append("其余各项看不出差别，没有一项变差。")
    else:
        said.append(
            "其余各项看不出差别；"
            + ("有得有失，" if better else "")
            + "换用之前请看变差的那些诉求。"
        )
    if report["is_training_data"]:
        said.append("注意：这些数据是其中一个模型的训练数据，比较没有意义。")
    return "".join(said)


def to_page(report: Figures, *, with_chart: bool) -> Page:
    """Return the report as a page."""
    decisions = cast(Mapping[str, Figures], report["decisions"])
    first: list[Part] = [
        verdict(report),
        f"数据 sha256 {report['data_sha256']}；差值一律为 B 减 A，括号内为 95% 配对自助法区间"
        f"（{report['resamples']} 次）；各区间未作多重比较校正。",
    ]
    if report["not_compared"]:
        names = cast(list[str], report["not_compared"])
        only = "、".join(NAMES.get(name, name) for name in names)
        first.append(f"只有一个模型学过、未比较的决策：{only}。")
    sections = [Section("结论", tuple(first)), _figures(decisions, with_chart)]
    sections.append(_changes(decisions))
    sections += _slices(cast(Mapping[str, Mapping[str, Mapping[str, Figures]]], report["slices"]))
    return Page(f"模型比较：{report['a']} → {report['b']}", tuple(sections))


def _changed(report: Figures) -> int:
    """Return how many answers differ."""
    decisions = cast(Mapping[str, Mapping[str, Mapping[str, int]]], report["decisions"])
    return sum(sum(found["changed"].values()) for found in decisions.values())


def _apart(report: Figures, sign: int) -> list[str]:
    return [
        f"{NAMES.get(name, name)}的{FIGURES[metric]}（{_difference(figures)}）"
        for name, found in cast(Mapping[str, Figures], report["decisions"]).items()
        for metric, figures in cast(Mapping[str, Figures], found["figures"]).items()
        if is_apart(figures) == sign
    ]


def _figures(decisions: Mapping[str, Figures], with_chart: bool) -> Section:
    rows = [
        (NAMES.get(name, name), FIGURES[metric], str(found["n"]), _share(figures["a"]),
         _share(figures["b"]), _difference(figures), _p(found, metric))
        for name, found in decisions.items()
        for metric, figures in cast(Mapping[str, Figures], found["figures"]).items()
    ]  # fmt: skip
    parts: list[Part] = [Table(("决策", "指标", "条数", "A", "B", "B−A", "McNemar p"), tuple(rows))]
    if with_chart:
        parts.append(_chart(decisions))
    return Section("各项决策", tuple(parts))


def _chart(decisions: Mapping[str, Figures]) -> Part:
    names, found = [], []
    for name, one in decisions.items():
        for metric, figures in cast(Mapping[str, Figures], one["figures"]).items():
            ends = cast(Sequence[float | None], figures["interval"])
            if figures["difference"] is not None and None not in ends:
                names.append(f"{name} {metric}")
                value = cast(float, figures["difference"])
                found.append(Interval(value, cast(float, ends[0]), cast(float, ends[1])))
    return Picture(
        "B 减 A 与 95% 区间；在虚线右边为 B 更好",
        dots(names, found, title="B - A", xlabel="difference"),
    )


def _changes(decisions: Mapping[str, Figures]) -> Section:
    rows = []
    for name, found in decisions.items():
        changed = cast(Mapping[str, int], found["changed"])
        rows.append((NAMES.get(name, name), *(str(count) for count in changed.values())))
    table = Table(("决策", "B 改对", "B 改错", "改了但一样错"), tuple(rows))
    return Section("答案有变的诉求", (table, "逐条清单在同名的 .changes.csv 里。"))


def _slices(kinds: Mapping[str, Mapping[str, Mapping[str, Figures]]]) -> list[Section]:
    sections = []
    for kind, values in kinds.items():
        rows = [
            (value, NAMES.get(name, name), str(figures["n"]), _share(figures["a"]),
             _share(figures["b"]), _difference(figures), _SIGNS[is_apart(figures)])
            for value, found in values.items()
            for name, figures in found.items()
        ]  # fmt: skip
        titles = (_KINDS[kind], "决策", "条数", "A", "B", "B−A", "")
        sections.append(Section(f"分组：{_KINDS[kind]}", (Table(titles, tuple(rows)),)))
    return sections


def _share(value: Json) -> str:
    return f"{value:.1%}" if isinstance(value, float | int) else "–"


def _difference(figures: Figures) -> str:
    """Return the difference in percentage points with its interval."""
    low, high = cast(Sequence[Json], figures["interval"])
    return f"{_points(figures['difference'])}，{_points(low)} 到 {_points(high)} 个百分点"


def _points(value: Json) -> str:
    return f"{100 * value:+.1f}" if isinstance(value, float | int) else "–"


def _p(found: Figures, metric: str) -> str:
    test = cast(Figures, found.get("mcnemar", {}))
    if metric != "accuracy" or not test:
        return ""
    p = cast(float, test["p"])
    return f"{p:.4f}" if p >= _SMALLEST_P else f"< {_SMALLEST_P}"
