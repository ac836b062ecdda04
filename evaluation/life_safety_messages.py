"""Life safety on real messages: rules and the model's out-of-fold probabilities together.

Reads the developers' labelled messages, which never ship, and the probabilities of the fold that
had not seen them (`held_out_scores`); without these the rules are measured alone. Counts only.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.held_out_scores import Array, HeldOutScores
from evaluation.life_safety import is_found, share
from triage.errors import UnusableFile
from triage.request import Json
from triage.steps.acceptance import decide_matches
from triage.steps.rule_terms import FoldedText
from triage.steps.rules import scan_request
from triage.steps.safety import raise_matches, raise_signs
from triage.steps.urgency import CRITICAL, UrgencyStep


@dataclass(frozen=True, slots=True)
class Judged:
    """One message: its true level, and what found it; `together` is None without the model."""

    level: int
    by_rules: bool
    together: bool | None


def message_report(
    path: Path, scores: HeldOutScores | None, thresholds: Sequence[float]
) -> dict[str, Json]:
    """Return recall on levels 0 and 1 and false alarms on the others.

    Raises
    ------
    UnusableFile
        The file lacks a column, or a message has no out-of-fold probabilities.
    """
    step = UrgencyStep(scores.labels, thresholds) if scores is not None else None
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"uid", "title", "detail", "urgency"} - set(reader.fieldnames or ())
        if missing:
            raise UnusableFile(f"{path} 缺少列 {sorted(missing)}；请换一个带标注的文件")
        judged = [_judge(row, step, _row(scores, row["uid"])) for row in reader]
    return {
        "messages": path.name,
        "rules_alone": _figures(judged, [one.by_rules for one in judged]),
        "out_of_fold": _figures(judged, [bool(one.together) for one in judged]) if step else None,
    }


def _judge(row: Mapping[str, str], step: UrgencyStep | None, scored: Array | None) -> Judged:
    matches, offset = scan_request(row["detail"], row["title"])
    decision = decide_matches(matches, row["detail"], offset=offset).acceptance.decision
    by_rules = is_found(raise_matches(matches, row["detail"], offset=offset).level, decision)
    together = None
    if step is not None and scored is not None:
        whole = f"{row['title']}。{row['detail']}" if row["title"] else row["detail"]
        signs = raise_signs(FoldedText(whole), row["detail"], step.chances(scored), offset=offset)
        together = by_rules or is_found(signs.level, decision)
        together = together or step.model_level(scored)[0] <= CRITICAL
    return Judged(int(row["urgency"]), by_rules, together)


def _row(scores: HeldOutScores | None, name: str) -> Array | None:
    if scores is None:
        return None
    if name not in scores.row_of:
        raise UnusableFile(f"折外概率里没有留言 {name}；请用同一份数据重新训练并导出")
    row: Array = scores.rows[scores.row_of[name]]
    return row


def _figures(judged: Sequence[Judged], found: Sequence[bool]) -> dict[str, Json]:
    pairs = list(zip(judged, found, strict=True))
    return {
        "recall": share(hit for one, hit in pairs if one.level <= CRITICAL),
        "recall_0": share(hit for one, hit in pairs if one.level == 0),
        "recall_1": share(hit for one, hit in pairs if one.level == 1),
        "false_alarms": share(hit for one, hit in pairs if one.level > CRITICAL),
        "false_alarms_by_level": {
            str(level): share(hit for one, hit in pairs if one.level == level)
            for level in range(CRITICAL + 1, 5)
        },
    }
