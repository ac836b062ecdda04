"""How the card shows each kind of report: one function a measuring command.

Figures only come from the reports; what a report lacks is a KeyError, which `card_reports` answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from evaluation.fairness_page import name_of
from evaluation.markdown import NAMES
from evaluation.robustness_page import TITLES
from training.card_figures import (
    Figures,
    between,
    decisions,
    leaves,
    points,
    points_between,
    selection,
    share,
    table,
)

_ELEMENTS = {"place": "地点", "time": "时间", "object": "对象", "demand": "要求", "all": "合计"}


def evaluation(report: Figures) -> list[str]:
    """Show a report of `triage evaluate`: its decisions, what may stand, what it abstains on."""
    lines = [f"{report.get('n', '')} 条。", "", *decisions(report["decisions"])]
    if report.get("selection"):
        lines += ["免核对：", "", *selection(report["selection"])]
    abstention = report.get("abstention", {})
    if abstention:
        lines += [
            f"要求核对的比例 {share(abstention.get('share'))}；主题准确率，可采用的 "
            f"{share(abstention.get('topic_accuracy_answered'))}，要求核对的 "
            f"{share(abstention.get('topic_accuracy_abstained'))}。",
            "",
        ]
    return lines


def _robustness(report: Figures) -> list[str]:
    names = ("topic", "topic_l1", "lead_unit", "request_type", "urgent_found", "abstain")
    lines = ["噪声后减噪声前，百分点，括号里是区间。", ""]
    for name, part in report["sets"].items():
        rows = [
            [
                kind["title"],
                "" if kind["rate"] is None else f"{kind['rate']:.0%}",
                *(
                    points_between(f["difference"], f["interval"])
                    for n in names
                    if (f := kind["figures"][n])
                ),
            ]
            for kind in part["kinds"].values()
        ]
        lines += [f"{name}（{part['n']} 条）：", ""]
        lines += table(["噪声", "比例", *(TITLES[n] for n in names)], rows)
    return lines


def _fairness(report: Figures) -> list[str]:
    lines = []
    titles = {**TITLES, "level": "紧急程度"}
    rows = [
        [
            gap["set"],
            name_of(gap["group"]),
            titles.get(gap["figure"], gap["figure"]),
            points_between(gap["gap"], gap["interval"]),
            points(gap["matched"]),
            gap["reason"] or "没有书面理由",
        ]
        for gap in report["flagged"]
    ]
    if rows:
        lines += ["比其余诉求明显差的分组（百分点）：", ""]
        lines += table(["数据", "分组", "指标", "差", "同主题", "理由"], rows)
    else:
        lines += ["没有明显差的分组。", ""]
    for name, part in report["sets"].items():
        wording = [
            [
                row["title"],
                str(row["n"]),
                *(share(row["changed"][n]["share"]) for n in ("topic", "lead_unit", "level")),
                share(row["urgent_lost"]),
            ]
            for row in part["wording"].values()
        ]
        lines += [f"{name}：只改身份用语，判断变了的比例：", ""]
        lines += table(["改动", "条数", "主题", "主办条线", "紧急程度", "紧急变不紧急"], wording)
    return lines


def _evidence(report: Figures) -> list[str]:
    rows = [
        [
            f"{name}（{part['model']}）",
            NAMES.get(step.removesuffix("_by_rule"), step),
            str(f["with_evidence"]),
            share(f["drop"]),
            share(f["random_drop"]),
            between(f["difference"], f["difference_interval"]),
        ]
        for name, part in report.items()
        for step, f in part["decisions"].items()
        if "drop" in f
    ]
    titles = ["数据", "决策", "条数", "去掉依据掉的把握", "去掉随机片段", "相差"]
    return table(titles, rows)


def _questions(report: Figures) -> list[str]:
    rows = [
        [
            f"{name}（{part['model']}）",
            _ELEMENTS.get(element, element),
            *(share(f.get(n)) for n in ("n", "recall", "precision", "not_asked_when_same")),
        ]
        for name, part in report.items()
        for element, f in part["scores"].items()
        if "recall" in f
    ]
    return table(["数据", "拿掉的要素", "次数", "该问而问了", "问了而该问", "不该问而没问"], rows)


def _dispatch(report: Figures) -> list[str]:
    names = ("n", "lead_accuracy", "lead_top3", "support_f1")
    halves = {"all": "全部", "even_unseen": "写规则的人没看过的一半"}
    who = {"model": "仅模型", "with_catalogue": "加派单目录"}
    rows = [
        [title, what, *(share(report["disputes"][half][key][n]) for n in names)]
        for half, title in halves.items()
        for key, what in who.items()
        if key in report["disputes"].get(half, {})
    ]
    return table(["争议案例", "用什么", "条数", "主办准确率", "前三", "协办 F1"], rows)


def _life_safety(report: Figures) -> list[str]:
    titles = {"cases": "手写案例", "spoken": "口语留出样本"}
    halves = {"all": "全部", "even_unseen": "没看过的一半"}
    rows = [
        [
            f"{title}，{half}",
            *(_found(part[key][n]) for n in ("recall", "recall_0", "recall_1", "false_alarms")),
        ]
        for name, title in titles.items()
        if (part := report.get(name))
        for key, half in halves.items()
        if key in part
    ]
    messages = (report.get("messages") or {}).get("out_of_fold")
    if messages:
        cells = (_found(messages[n]) for n in ("recall", "recall_0", "recall_1", "false_alarms"))
        rows.append(["真实留言，折外", *cells])
    return table(["数据", "危险召回", "零级", "一级", "其余误报"], rows)


def _found(cell: Figures) -> str:
    if not cell["n"]:
        return share(None)
    return f"{share(cell['share'])}（{cell['found']}/{cell['n']}）"


SECTIONS: Mapping[str, tuple[str, Callable[[Figures], list[str]]]] = {
    "life_safety": ("生命安全", _life_safety),
    "dispatch": ("派单目录", _dispatch),
    "matters": ("一诉多事", lambda report: leaves(report)),
    "evidence": ("依据是否属实", _evidence),
    "questions": ("追问是否问得对", _questions),
    "robustness": ("抗噪", _robustness),
    "fairness": ("公平", _fairness),
    "masking": ("脱敏（冻结案例）", lambda report: leaves({"overall": report["overall"]})),
    "elements": ("要素抽取", lambda report: leaves({"overall": report["overall"]})),
}
"""Reports of the other measuring commands by file name: title, and how they are shown."""
