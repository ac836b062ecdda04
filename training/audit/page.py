"""The audit for people: what to read first, how the classes stand, what leaks. Charts inside.

Without excerpts no text of a request is on the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from evaluation.charts import bars, ranks
from evaluation.markdown import NAMES
from evaluation.page import Page, Part, Picture, Section, Table
from evaluation.truth import Example
from training.audit.balance import FEW
from training.audit.duplicates import EXACT, GROUP, NEAR
from training.audit.findings import Findings
from triage.request import Json

SAME = {EXACT: "文字相同", NEAR: "近似重复", GROUP: "同一 group"}
_LISTED = 60
_EXCERPT = 120
_CLASSES = 25
_LEAST = 10
"""A share of suspects among fewer rows says nothing."""

Figures = Mapping[str, Json]


def to_page(findings: Findings, report: Figures, *, with_text: bool) -> Page:
    """Return the page; with_text adds masked excerpts of the suspects listed."""
    decisions = cast(Mapping[str, Mapping[str, Figures]], report["decisions"])
    sections = [_overview(report, decisions), _conflicts(report, decisions)]
    if findings.against:
        sections.append(_leaks(cast(Sequence[Figures], report["against"])))
    for name, figures in decisions.items():
        sections += [
            _balance(name, figures["balance"], figures["suspects"]),
            _suspects(name, findings, figures["suspects"], with_text=with_text),
        ]
    return Page("标注体检", tuple(sections))


def _overview(report: Figures, decisions: Mapping[str, Mapping[str, Figures]]) -> Section:
    rows = [
        (NAMES[name], str(part["balance"]["n"]), str(part["suspects"]["count"]),
         _share(part["suspects"]["share"]), str(part["suspects"]["likely"]),
         str(part["balance"]["few"]))
        for name, part in decisions.items()
    ]  # fmt: skip
    titles = ("决策", "有标签", "疑似误标", "占比", "其中很可能", f"少于 {FEW} 条的类")
    said = (
        f"共 {report['n']} 条。“疑似误标”是没见过这条的模型觉得给定标签不像的那些（置信学习，"
        "Northcutt 等 2021，cleanlab）：模型越弱，其中模型错、标签对的越多。“很可能”指给定标签的"
        "概率不到均匀猜测的五分之一，先读这些。一律请人读过再改。"
    )
    return Section("总览", (said, Table(titles, tuple(rows))))


def _conflicts(report: Figures, decisions: Mapping[str, Mapping[str, Figures]]) -> Section:
    sets = cast(Mapping[str, int], report["same_texts"])
    rows = []
    for name, part in decisions.items():
        found = cast(Mapping[str, Figures], part["conflicts"])
        cells = [f"{found[kind]['sets']} 组 {found[kind]['rows']} 条" for kind in SAME]
        rows.append((NAMES[name], *cells))
    said = "；".join(f"{SAME[kind]} {count} 组" for kind, count in sets.items())
    return Section(
        "重复而标签不一",
        (
            f"两条以上的组：{said}。文字相同而标签不同的必有一错；同一 group 是同一件事，类型或"
            "紧急程度可以不同。已在前一栏列出的不再重复。",
            Table(("决策", *SAME.values()), tuple(rows)),
        ),
    )


def _leaks(against: Sequence[Figures]) -> Section:
    rows = []
    for one in against:
        kinds = [cast(Figures, one[kind]) for kind in SAME]
        cells = [f"{kind['pairs']} 对，涉及对方 {kind['other_rows']} 条" for kind in kinds]
        rows.append((str(one["file"]), str(one["n"]), *cells, _share(one["other_share"])))
    titles = ("对照文件", "条数", *SAME.values(), "对方涉及占比")
    return Section(
        "与其他文件的泄漏",
        (
            "同一条诉求两边都有，用一边训练、另一边测试，成绩就会虚高。清单里以 leak_ 开头的行"
            "写明是哪两条；请从训练数据里去掉。",
            Table(titles, tuple(rows)),
        ),
    )


def _balance(name: str, figures: Figures, suspects: Figures) -> Section:
    by_class = cast(Mapping[str, Figures], suspects["by_class"])
    counts = [cast(int, row["n"]) for row in by_class.values()]
    few = cast(Mapping[str, int], figures["few_labels"])
    parts: list[Part] = [
        f"{figures['classes']} 类：最多 {figures['largest']} 条，中位 {figures['median']:g} 条，"
        f"最少 {figures['smallest']} 条；最多是中位的 {figures['imbalance']:.1f} 倍，相当于 "
        f"{figures['effective']:.0f} 个均匀的类。",
        Picture(
            f"各类条数（从多到少，对数刻度；虚线为 {FEW} 条）",
            bars(counts, title=f"{name}: labelled requests a class", ylabel="requests", line=FEW),
        ),
    ]
    if few:
        listed = "、".join(f"{label}（{count}）" for label, count in few.items())
        parts.append(f"少于 {FEW} 条、既学不好也量不准的类：{listed}。")
    return Section(f"{NAMES[name]}：类的分布", tuple(parts))


def _suspects(name: str, findings: Findings, figures: Figures, *, with_text: bool) -> Section:
    by_class = cast(Mapping[str, Figures], figures["by_class"])
    shares = {
        label: cast(float, row["share"])
        for label, row in by_class.items()
        if cast(int, row["n"]) >= _LEAST and row["suspects"]
    }
    worst = dict(sorted(shares.items(), key=lambda item: -item[1])[:_CLASSES])
    parts: list[Part] = []
    if worst:
        drawn = ranks(worst, title=f"{name}: share of suspects", xlabel="share of the class")
        cells = [
            (label, str(by_class[label]["n"]), str(by_class[label]["suspects"]), _share(share))
            for label, share in worst.items()
        ]
        parts.append(Picture(f"疑似误标占比最高的类（至少 {_LEAST} 条），数字见下表", drawn))
        parts.append(Table(("标签", "条数", "疑似误标", "占比"), tuple(cells)))
    pairs = cast(Sequence[Figures], figures["pairs"])
    taken = [(str(pair["given"]), str(pair["suggested"]), str(pair["count"])) for pair in pairs]
    parts.append(Table(("给定", "模型认为", "条数"), tuple(taken)))
    parts.append(_list(name, findings, with_text=with_text))
    parts.append(f"只列最可疑的 {_LISTED} 条；全部在同名的 .suspects.csv 里。")
    return Section(f"{NAMES[name]}：疑似误标", tuple(parts))


def _list(name: str, findings: Findings, *, with_text: bool) -> Table:
    titles = ("编号", "给定", "给定的概率", "模型认为", "概率")
    rows = []
    for one in findings.suspects[name][:_LISTED]:
        example = findings.examples[one.row]
        row = (
            example.id, one.given, f"{one.given_probability:.4f}", one.suggested,
            f"{one.confidence:.2f}",
        )  # fmt: skip
        rows.append((*row, _excerpt(example)) if with_text else row)
    return Table((*titles, "脱敏摘录") if with_text else titles, tuple(rows))


def _excerpt(example: Example) -> str:
    text = " ".join(f"{example.title} {example.text}".split())
    return text if len(text) <= _EXCERPT else text[:_EXCERPT] + "…"


def _share(value: Json) -> str:
    return f"{value:.1%}" if isinstance(value, float | int) else "–"
