"""The publishing gate: floors on a model's figures, and not worse than the one in use.

Both models are asked about the same requests, so their difference is bootstrapped in pairs (Efron
and Tibshirani 1993; Koehn 2004). The gate says what failed and by how much; nothing is moved here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from evaluation.answers import URGENCY_WITH_RULES, Answers
from evaluation.bootstrap import RESAMPLES, difference
from evaluation.floors import Bound, Floors
from evaluation.measured import Measured
from evaluation.metrics import recall_and_precision
from evaluation.urgency import URGENT, answered_levels, true_levels
from triage.request import Json

Figures = Mapping[str, Json]
_EPSILON = 1e-9  # 0.48 - 0.50 is a little less than -0.02


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the gate looked at; `bound` and `current` say what `value` was held against."""

    decision: str
    metric: str
    value: float
    passed: bool
    reason: str
    bound: float | None = None
    current: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate found: every check, notes on what was not judged, reasons for a refusal."""

    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the model may be published."""
        return not self.reasons


def judge(
    report: Mapping[str, Json],
    floors: Floors,
    *,
    candidate: Answers,
    current: Answers | None = None,
    resamples: int = RESAMPLES,
) -> Verdict:
    """Judge a candidate by its report and, if there is one, by the current model's answers.

    Both answers must be to the same examples.
    """
    decisions = cast(Mapping[str, Figures], report["decisions"])
    judged = {
        name: figures
        for name, figures in decisions.items()
        if cast(int, figures["n"]) >= floors.min_rows
    }
    notes = [
        f"{name}：只有 {figures['n']} 条带标签，少于 {floors.min_rows} 条，不作判断"
        for name, figures in decisions.items()
        if name not in judged
    ]
    reasons = []
    if report["is_training_data"]:
        reasons.append("评估数据就是这个模型的训练数据：请换用没有参与训练的数据")
    if not judged:
        reasons.append(f"没有一项决策有 {floors.min_rows} 条以上带标签的数据，无法判断")
    checks, unmeasured = _against_bounds(judged, floors)
    (reasons if floors.is_own else notes).extend(unmeasured)
    if current is not None:
        reasons += _lost(candidate, current)
        for name in judged:
            if name in current.decisions:
                checks += _against_current(
                    candidate.decisions[name], current.decisions[name], floors, resamples
                )
    reasons += [check.reason for check in checks if not check.passed]
    return Verdict(tuple(checks), tuple(notes), tuple(reasons))


def _against_bounds(judged: Mapping[str, Figures], floors: Floors) -> tuple[list[Check], list[str]]:
    checks, unmeasured = [], []
    for bound in floors.bounds:
        value = judged.get(bound.decision, {}).get(bound.metric)
        if isinstance(value, float | int):
            checks.append(_against_bound(bound, value))
        else:
            unmeasured.append(f"{bound.decision} 的 {bound.metric} 有门槛，但数据不足以测得")
    return checks, unmeasured


def _against_bound(bound: Bound, value: float) -> Check:
    passed = value >= bound.value if bound.is_least else value <= bound.value
    word = "低于下限" if bound.is_least else "高于上限"
    return Check(
        bound.decision,
        bound.metric,
        value,
        passed,
        f"{bound.decision} 的 {bound.metric} 为 {value:.4f}，{word} {bound.value:.4f}",
        bound=bound.value,
    )


def _lost(candidate: Answers, current: Answers) -> list[str]:
    return [
        f"{name}：现用模型 {current.version} 能判断，新模型没有学"
        for name in current.decisions
        if name not in candidate.decisions
    ]


def _against_current(
    candidate: Measured, current: Measured, floors: Floors, resamples: int
) -> list[Check]:
    losses, n = floors.losses, len(candidate.truth)
    metric, new = candidate.headline()
    _, old = current.headline()
    found = difference(new, old, n, resamples=resamples, level=losses.level)
    everything = np.arange(n)
    was, now = old(everything), new(everything)
    between = (
        f"差 {found.value:+.4f}（{losses.level:.0%} 区间 {found.low:+.4f} 到 {found.high:+.4f}）"
    )
    if candidate.name in losses.decisions:
        room = min(found.low - losses.lowest, found.value - losses.mean)
        asked = f"下端不得低于 {losses.lowest}，差不得低于 {losses.mean}"
    else:
        room, asked = found.value - losses.others, f"差不得低于 {losses.others}"
    checks = [
        Check(
            candidate.name,
            metric,
            now,
            room >= -_EPSILON,
            f"{candidate.name} 的 {metric} 不能证明不差于现用模型："
            f"{now:.4f} 对 {was:.4f}，{between}，{asked}",
            current=was,
        )
    ]
    if candidate.name == URGENCY_WITH_RULES:
        checks += _urgent_recall(candidate, current, losses.urgent_recall)
    return checks


def _urgent_recall(candidate: Measured, current: Measured, allowed: float) -> list[Check]:
    now, was = _recall(candidate), _recall(current)
    if np.isnan(now):
        return []
    return [
        Check(
            candidate.name,
            "urgent_recall",
            now,
            now - was >= allowed - _EPSILON,
            f"{candidate.name} 的 urgent_recall 不如现用模型：{now:.4f} 对 {was:.4f}，"
            f"差 {now - was:+.4f}，不得低于 {allowed}",
            current=was,
        )
    ]


def _recall(decision: Measured) -> float:
    urgent: NDArray[np.bool_] = true_levels(decision) < URGENT
    return recall_and_precision(urgent, answered_levels(decision) < URGENT)[0]
