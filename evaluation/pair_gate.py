"""The publishing gate of the same-event decision: average precision not below the one in use.

Both decisions are held against the same judged pairs, each by probabilities from folds that it had
not seen. Pairs of one component are not independent, so components are drawn, for both at once
(Efron and Tibshirani 1993, chapter 8; Koehn 2004). Nothing is moved here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import RESAMPLES, Rows, difference
from evaluation.gate import Check, Verdict
from evaluation.held_out_pairs import Flags, Floats, HeldOutPair

DECISION, METRIC = "same_event", "average_precision"
LEAST_SAME = 50
"""Pairs of one event below which nothing is judged: as floors.toml asks of labelled rows."""
LEVEL = 0.90
LOWEST, MEAN = -0.01, -0.005
"""Allowed loss, lower end of the interval and the difference itself: those of floors.toml."""
_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class _Common:
    """Pairs of both, by component: `rows[i]` are the rows of the i-th."""

    same: Flags
    candidate: Floats
    current: Floats
    rows: tuple[NDArray[np.int64], ...]

    def of(self, scores: Floats) -> Callable[[Rows], float]:
        """Return average precision as a function of drawn components."""

        def statistic(drawn: Rows) -> float:
            rows = np.concatenate([self.rows[component] for component in drawn])
            return average_precision(self.same[rows], scores[rows])

        return statistic


def judge_pairs(
    candidate: Mapping[bytes, HeldOutPair],
    current: Mapping[bytes, HeldOutPair],
    *,
    resamples: int = RESAMPLES,
) -> Verdict:
    """Judge a candidate against the decision in use, on the pairs of both.

    Pairs that only one was fitted on are left out, and a note says how many; a pair whose judgement
    changed since is left out too.
    """
    keys = [key for key, pair in candidate.items() if _agree(pair, current.get(key))]
    common = _common(keys, candidate, current)
    left = max(len(candidate), len(current)) - len(keys)
    notes = (f"有 {left} 对只有一方评过或判定改过，不参加比较",) if left else ()
    same = int(common.same.sum())
    if same < LEAST_SAME:
        reason = f"双方都评过的同一事件只有 {same} 对，少于 {LEAST_SAME} 对，无法判断"
        return Verdict((), notes, (reason,))
    check = _against(common, resamples)
    return Verdict((check,), notes, () if check.passed else (check.reason,))


def average_precision(same: Flags, score: Floats) -> float:
    """Return average precision; NaN where no pair is of one event.

    The sum of precision times the step in recall, equal scores as one step: that of scikit-learn.
    """
    if not same.any():
        return float("nan")
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(same[order])
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    precision = hits[ends] / (ends + 1)
    return float((np.diff(hits[ends], prepend=0) * precision).sum() / same.sum())


def _against(common: _Common, resamples: int) -> Check:
    new, old = common.of(common.candidate), common.of(common.current)
    n = len(common.rows)
    found = difference(new, old, n, resamples=resamples, level=LEVEL)
    now, was = new(np.arange(n)), old(np.arange(n))
    passed = min(found.low - LOWEST, found.value - MEAN) >= -_EPSILON
    return Check(
        DECISION,
        METRIC,
        now,
        passed,
        f"{DECISION} 的 {METRIC} 不能证明不差于现用判定：{now:.4f} 对 {was:.4f}，差 "
        f"{found.value:+.4f}（{LEVEL:.0%} 区间 {found.low:+.4f} 到 {found.high:+.4f}），"
        f"下端不得低于 {LOWEST}，差不得低于 {MEAN}",
        current=was,
    )


def _agree(one: HeldOutPair, other: HeldOutPair | None) -> bool:
    return other is not None and one.same == other.same


def _common(
    keys: list[bytes],
    candidate: Mapping[bytes, HeldOutPair],
    current: Mapping[bytes, HeldOutPair],
) -> _Common:
    by_component: dict[bytes, list[int]] = {}
    for row, key in enumerate(keys):
        by_component.setdefault(candidate[key].component, []).append(row)
    return _Common(
        np.array([candidate[key].same for key in keys], np.bool_),
        np.array([candidate[key].probability for key in keys], np.float32),
        np.array([current[key].probability for key in keys], np.float32),
        tuple(np.array(rows, np.int64) for rows in by_component.values()),
    )
