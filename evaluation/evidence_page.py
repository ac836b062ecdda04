"""The report on evidence as a Markdown page: the same figures as the JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from triage.request import Json

NAMES = {
    "acceptance": "受理判定",
    "risk_flags": "风险标记",
    "topic": "主题",
    "units": "主办",
    "request_type": "诉求类型",
    "urgency": "紧急程度",
    "support": "协办",
    "flags": "标记",
}
_HEAD = (
    "| 决策 | 条数 | 标得出依据 | 原把握 | 去掉依据后掉 | 去掉等长随机片段后掉 | 相差（95% 区间） "
    "| 大于随机的占比 | 依据占全文 |",
    "|---|---|---|---|---|---|---|---|---|",
)
_INTRO = (
    "每个决策：去掉全部依据片段后把握掉多少，与去掉同样多、同样长、同一栏位里任意位置的片段相比"
    "（5 次抽样取平均，可能与依据重叠，所以对照偏严）。“大于随机”按单次抽样逐条比较。"
    "规则作出的决策，去掉命中的词句后规则不再成立，把握计为 0（紧急程度则回到模型自己的概率）；"
    "派单目录推翻模型而定的主办、协办，去掉命中的词句后整条重新跑过。"
)


def evidence_page(report: Mapping[str, Json]) -> str:
    """Return the page."""
    lines = ["# 依据是否属实 / Faithfulness of evidence", "", _INTRO, ""]
    for name, section in report.items():
        part = cast(dict[str, Json], section)
        lines += [
            f"## {name}",
            "",
            f"模型 `{part['model']}`，数据 `{part['data']}` {part['examples']} 条。",
            "",
            *_HEAD,
        ]
        for step, figures in cast(dict[str, dict[str, Json]], part["decisions"]).items():
            lines.append(_row(step, figures))
        lines.append("")
    return "\n".join(lines)


def _row(step: str, figures: Mapping[str, Json]) -> str:
    plain = step.removesuffix("_by_rule")
    name = NAMES.get(plain, plain) + ("（规则或目录）" if plain != step else "")
    if "drop" not in figures:
        return f"| {name} | {figures['n']} | 0 | – | – | – | – | – | – |"
    low, high = cast(list[float], figures["difference_interval"])
    return (
        f"| {name} | {figures['n']} | {figures['with_evidence']} | {figures['confidence']:.3f} "
        f"| {figures['drop']:.3f} | {figures['random_drop']:.3f} "
        f"| {figures['difference']:.3f}（{low:.3f}–{high:.3f}） "
        f"| {figures['larger_than_random']:.3f} | {figures['share_of_text']:.3f} |"
    )
