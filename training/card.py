"""The model card: written from the manifest and from evaluation reports, never typed.

Chinese first. The sentences say what figures mean and where they do not reach; every figure in it
comes from the manifest or from a report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from training.card_figures import Figures, decisions, selection, share, table
from training.card_reports import Reports, sections
from training.confusion_examples import Confusion
from triage.files import atomic_write
from triage.model.artifact import CARD
from triage.request import Json

_STYLES = {"all": "全部", "letter": "书面留言", "note": "坐席记录", "transcript": "语音转写"}
_SUMMARY = (
    "把一段中文诉求分成：是否受理、主题、诉求类型、紧急程度、主办与协办条线。它给建议，由人决定；"
    "标签由语言模型标注者给出，不是热线人员。下面每个数字都来自清单或测量报告，没有手写的。"
)
_ENGLISH = (
    "In English: triage of Chinese citizen requests (acceptance, topic, type, urgency, units) by "
    "linear heads over hashed character n-grams, calibrated out of fold; no text is in the "
    "weights. Labels were given by language-model annotators, not by hotline staff. It suggests; "
    "people decide. Every figure comes from a report. 不擅长什么 says what it confuses, 标签的局限 "
    "what its labels cannot tell, 何时不要用 when not to use it."
)
_LABELS = (
    "- 标签由语言模型标注者按书面规范给出，两次读法不同的再裁定；没有热线人员复核。",
    "- 同一类标注者的两次阅读比两个人更容易一致：一致率是前后一致的上限，不是正确的上限。",
    "- 长留言在标注时截去了中段；地名已由发布方替换成代号。",
    "- 有些主题的边界本来就不清（如小作坊噪声与油烟、非法集资与诈骗、教师待遇与人事）；"
    "在这些边界上，准确率低一部分是标签的问题。",
    "- 最紧急的两级在真实留言里极少，这两级的数字主要来自自写样本。",
    "- 自写样本是虚构的：口语、方言和错字由写作者模仿，不是真实录音的转写。",
)
_NOT_FOR = (
    "- 不要用它拒绝诉求：除“受理”和“立即转警”外，受理判定都要人工确认。",
    "- 不要用它代替对危险的判断：没有标出紧急不等于不紧急，有人身危险的话一律按人的判断处理。",
    "- 不要在没有本地标注数据的另一座城市直接使用：主题、条线和派单目录都要换，再训练、再测量。",
    "- 不要把长而绕的通话原样交给它：大段与事情无关的话会冲淡判断、漏掉危险（见“抗噪”），先记成事由"
    "再分。",
    "- 不要用它考核坐席、承办单位或市民，也不要用它的把握给诉求排先后（紧急程度除外）。",
    "- 不要用于普通话和重庆话以外的语言、图片、音频，或没有经过脱敏就要对外公开的场合。",
    "- 不要把表里的数字当作今后的数字：说法、政策和机构会变，至少每季度用新数据重测。",
)


def write_card(
    folder: Path,
    manifest: Mapping[str, Json],
    notice: str,
    reports: Reports | None = None,
    confusions: Sequence[Confusion] = (),
    names: Mapping[str, str] | None = None,
    agreement: Figures | None = None,
) -> None:
    """Write `card.md` beside the weights.

    Parameters
    ----------
    reports : what was measured; see `card_reports`
    confusions : of topics out of fold, with invented examples; `names` are the topics' by code
    agreement : how far two readings of the labels agree, by decision
    """
    reports = reports or Reports()
    metrics = cast(Mapping[str, Mapping[str, Figures]], manifest["metrics"])
    lines = [
        f"# 模型卡：{manifest['version']}",
        "",
        _SUMMARY,
        "",
        _ENGLISH,
        "",
        "## 数据与方法",
        "",
        f"- 训练数据 {manifest['examples']} 条，sha256 `{manifest['data_sha256']}`",
        f"- 划分方式 {manifest['split']}；近似重复的诉求不会跨折",
        "- 方法：字符 n-gram 散列特征、线性分类器，概率在留出折上校准；权重里没有任何原文",
        "- 括号里是自助法的九成五区间；留出折上的数字由没有见过该条的模型给出",
        "",
        *_notice(notice),
    ]
    for title, found in metrics.items():
        if found:
            lines += [f"## 留出折：{_STYLES.get(title, title)}", "", *decisions(found)]
    lines += _selection(metrics.get("all", {}))
    lines += _confusions(confusions, names or {})
    for title, part in sections(reports.found):
        lines += [f"## {title}", "", *part]
    lines += ["## 标签的局限", "", *_LABELS, "", *_agreement(agreement)]
    lines += ["## 何时不要用", "", *_NOT_FOR, ""]
    if reports.other:
        lines += ["## 没有采用的报告", "", "测的是另一个模型，要重新测量：", ""]
        lines += [f"- {name}：{version}" for name, version in reports.other.items()] + [""]
    with atomic_write(folder / CARD) as file:
        file.write("\n".join(lines).encode())


def _notice(notice: str) -> list[str]:
    """Return the notice, its headings one level down so that the card keeps its own outline."""
    if not notice:
        return []
    text = "\n".join(
        f"##{line}" if line.startswith("#") else line for line in notice.strip().splitlines()
    )
    return ["## 数据来源与条款", "", text, ""]


def _selection(found: Mapping[str, Figures]) -> list[str]:
    chosen: dict[str, Any] = {
        name: figures["selection"] for name, figures in found.items() if figures.get("selection")
    }
    if not chosen:
        return []
    return [
        "## 哪些可以免核对",
        "",
        "先定下允许多少差错，再看有多少诉求的判断可以不核对就采用；阈值由其他折选定。",
        "",
        *selection(chosen),
    ]


def _confusions(confusions: Sequence[Confusion], names: Mapping[str, str]) -> list[str]:
    if not confusions:
        return []
    rows = [
        [
            f"{names.get(one.truth, '')} {one.truth}".strip(),
            f"{names.get(one.guess, '')} {one.guess}".strip(),
            str(one.count),
            share(one.share),
            (one.example or "–") + ("（模型也认错）" if one.says else ""),
        ]
        for one in confusions
    ]
    return [
        "## 不擅长什么",
        "",
        "留出折上最常见的主题混淆；占比是该主题诉求中被认错成右边主题的比例。例句都是虚构的，"
        "是自写样本里最像右边主题的一条。",
        "",
        *table(["应为", "认成", "条数", "占比", "虚构的例子"], rows),
    ]


def _agreement(agreement: Figures | None) -> list[str]:
    if agreement is None:
        return []
    rows = [
        [str(part["title"]), share(part["agreement"]), share(part.get("kappa"))]
        for part in agreement["decisions"].values()
    ]
    return [
        f"两次独立阅读 {agreement['n']} 条的一致程度：",
        "",
        *table(["决策", "一致率", "kappa"], rows),
    ]
