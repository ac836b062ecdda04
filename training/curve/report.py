"""The learning curve for scripts and for people: points, laws, what more labels would buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.charts import new_figure, to_svg
from evaluation.markdown import NAMES
from evaluation.page import Page, Part, Picture, Section, Table
from evaluation.rounding import rounded
from training.curve.classes import ADDED, Classes
from training.curve.curve import MORE, Curve, Span
from triage.request import Json

METRIC_NAMES = {"accuracy": "准确率", "macro_f1": "macro-F1"}
_BEST = 15


@dataclass(frozen=True, slots=True)
class Worth:
    """Classes of a head by what ADDED labels of each would buy; `labels` (k,)."""

    labels: Sequence[str]
    classes: Classes
    gain: Span

    def order(self) -> list[int]:
        """Return the classes, those that buy most first."""
        return [int(index) for index in np.argsort(-self.gain.value, kind="stable")]


def to_json(
    curves: Sequence[Curve], worth: Mapping[str, Worth], *, data_sha256: str, held: int, seeds: int
) -> dict[str, Json]:
    """Return the report: numbers and labels, nothing of the texts."""
    return {
        "schema": 1,
        "data_sha256": data_sha256,
        "held_out": held,
        "seeds": seeds,
        "more": MORE,
        "added": ADDED,
        "curves": [_curve(one) for one in curves],
        "classes": {head: _classes(one) for head, one in worth.items()},
    }


def sentence(one: Curve) -> str:
    """Return what more labels would buy one figure."""
    return (
        f"{NAMES[one.head]}的{METRIC_NAMES[one.metric]}：现在 {one.n} 条；"
        f"再标 {MORE} 条同样来源的，约 {_points(one.gain)}（按拟合的曲线）"
    )


def to_page(curves: Sequence[Curve], worth: Mapping[str, Worth], *, held: int, seeds: int) -> Page:
    """Return the report as a page."""
    said = (
        f"每个点：用这么多条标注训练、在同一个留出折（{held} 条）上的成绩，{seeds} 次抽样平均；"
        "近似重复的诉求总在同一侧。曲线是带下限的反幂律，阴影与括号为 95% 区间（重抽留出的诉求和"
        "抽样种子）。超出现有条数很远的部分只是外推。"
    )
    first: list[Part] = [said, *(sentence(one) + "。" for one in curves)]
    first.append(Picture("成绩与标注条数（横轴为对数刻度）", draw(curves)))
    sections = [Section("再标一些，值多少", tuple(first)), _points_section(curves)]
    sections += [_classes_section(head, one) for head, one in worth.items()]
    return Page("学习曲线", tuple(sections))


def draw(curves: Sequence[Curve]) -> str:
    """Draw all curves, a panel a head; return SVG."""
    heads = list(dict.fromkeys(one.head for one in curves))
    rows = (len(heads) + 1) // 2
    figure = new_figure(10, 3.4 * rows)
    panels = figure.subplots(rows, 2, squeeze=False).ravel()
    for panel, head in zip(panels, heads, strict=False):
        for one in (curve for curve in curves if curve.head == head):
            around = (
                np.maximum(0, one.figure.value - one.figure.low),
                np.maximum(0, one.figure.high - one.figure.value),
            )
            drawn = panel.errorbar(
                one.sizes, one.figure.value, yerr=around, fmt="o", markersize=4, capsize=2,
                label=one.metric,
            )  # fmt: skip
            colour = drawn[0].get_color()
            panel.plot(one.grid, one.fitted.value, color=colour, linewidth=1)
            panel.fill_between(one.grid, one.fitted.low, one.fitted.high, color=colour, alpha=0.15)
        panel.set_xscale("log")
        panel.set(title=head, xlabel="labelled requests")
        panel.grid(alpha=0.3)
        panel.legend(fontsize=8, loc="lower right")
    for panel in panels[len(heads) :]:
        panel.set_axis_off()
    return to_svg(figure)


def _curve(one: Curve) -> dict[str, Json]:
    return {
        "decision": one.head,
        "metric": one.metric,
        "n": one.n,
        "points": [
            {"size": round(size), **_span(one.figure, index)}
            for index, size in enumerate(one.sizes.tolist())
        ],
        "law": {
            "floor": rounded(one.law.floor),
            "scale": rounded(one.law.scale),
            "exponent": rounded(one.law.exponent),
        },
        "gain": _span(one.gain),
    }


def _classes(worth: Worth) -> list[Json]:
    found = worth.classes
    return [
        {
            "label": worth.labels[index],
            "n": int(found.count[index]),
            "share_of_errors": rounded(float(found.share_of_errors[index])),
            "exponent": rounded(float(found.exponent[index])),
            "gain": _span(worth.gain, index, digits=6),
        }
        for index in worth.order()
    ]


def _span(span: Span, index: int | None = None, digits: int = 4) -> dict[str, Json]:
    value, low, high = (
        round(float(part if index is None else part[index]), digits)
        for part in (span.value, span.low, span.high)
    )
    return {"value": value, "interval": [low, high]}


def _points_section(curves: Sequence[Curve]) -> Section:
    rows = [
        (NAMES[one.head], METRIC_NAMES[one.metric], str(round(size)), f"{value:.3f}",
         f"{low:.3f} 到 {high:.3f}")
        for one in curves
        for size, value, low, high in zip(
            one.sizes, one.figure.value, one.figure.low, one.figure.high, strict=True
        )
    ]  # fmt: skip
    return Section("各点", (Table(("决策", "指标", "条数", "成绩", "95% 区间"), tuple(rows)),))


def _classes_section(head: str, worth: Worth) -> Section:
    found = worth.classes
    rows = tuple(
        (worth.labels[index], str(int(found.count[index])), f"{found.share_of_errors[index]:.1%}",
         f"{found.exponent[index]:.2f}",
         f"{100 * worth.gain.value[index]:+.3f}（{100 * worth.gain.low[index]:+.3f} 到 "
         f"{100 * worth.gain.high[index]:+.3f}）")
        for index in worth.order()[:_BEST]
    )  # fmt: skip
    said = (
        f"给一个类再标 {ADDED} 条，总准确率约能加多少个百分点：该类在全部错误中的占比，乘以它的错误"
        "随自己的条数下降的速度（指数越大降得越快）。速度是在所有类一起变多时量的，单补一个类会少一些；"
        "区间重叠的类不分先后。"
    )
    titles = ("标签", "现有条数", "占全部错误", "指数", f"再标 {ADDED} 条，百分点（95% 区间）")
    return Section(f"{NAMES[head]}：先补哪些类", (said, Table(titles, rows)))


def _points(span: Span) -> str:
    value, low, high = (100 * float(part) for part in (span.value, span.low, span.high))
    return f"{value:+.2f} 个百分点（{low:+.2f} 到 {high:+.2f}）"
