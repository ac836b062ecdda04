"""The report on questions as a Markdown page: the same figures as the JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from triage.request import Json

_NAMES = {"place": "地点", "time": "时间", "object": "对象", "demand": "要求", "all": "合计"}
_COLUMNS = (
    ("n", "拿掉次数"),
    ("changed", "其中判断变了"),
    ("recall", "变了：问了这一项"),
    ("any_question_when_changed", "变了：问了任何一项"),
    ("not_asked_when_same", "没变：没问这一项"),
    ("no_question_when_same", "没变：什么也没问"),
    ("precision", "问了这一项的，变了"),
)
_INTRO = (
    "诉求按电话看待（不带标题），把一个要素的全部片段拿掉。判断（受理、主题、主办、紧急程度）"
    "因此变了，就应当追问它；没变，就不该问。“对象”既可由“是哪一家、哪样东西”问到，也可由区分"
    "前两个主题的问题问到。主办机构随区县而定，所以拿掉区县也算判断变了。"
    "阈值取两个留出折合并后 F1 最高的（`by_threshold`），没看过“口语留出”。"
)


def questions_page(report: Mapping[str, Json]) -> str:
    """Return the page."""
    lines = ["# 追问是否问得对 / Questions worth asking", "", _INTRO, ""]
    for name, section in report.items():
        part = cast(dict[str, Json], section)
        spans = "人工标注" if part["spans"] == "marked" else "系统抽取"
        lines += [
            f"## {name}",
            "",
            f"模型 `{part['model']}`，数据 `{part['data']}` {part['examples']} 条，片段：{spans}。"
            + (f"地名是代号，一律当作{part['district']}的诉求。" if part["district"] else ""),
            "",
            f"| 要素 | {' | '.join(title for _, title in _COLUMNS)} | AUC |",
            f"|---|{'---|' * (len(_COLUMNS) + 1)}",
        ]
        scores = cast(dict[str, dict[str, Json]], part["scores"])
        sweeps = cast(dict[str, dict[str, Json]], part["by_threshold"])
        for element, title in _NAMES.items():
            cells = [_cell(scores[element][key]) for key, _ in _COLUMNS]
            auc = _cell(sweeps[element]["auc"]) if element in sweeps else "–"
            lines.append(f"| {title} | {' | '.join(cells)} | {auc} |")
        whole = scores["whole_requests"]
        lines += [
            "",
            f"完整的诉求 {whole['n']} 条：{_cell(whole['without_question'])} 一句也不问，"
            f"平均每条问 {_cell(whole['questions_a_request'])} 句。",
            "",
        ]
    return "\n".join(lines)


def _cell(value: Json) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
