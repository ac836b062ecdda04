"""Fit how far first labels can be trusted, and from where on they may stand without a check.

Everything is fitted on cross-fitted probabilities; the curves that thresholds are taken from rest
on judges that did not see the fold either. What judges look at is `triage.model.trust`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from evaluation.answers import first_levels
from evaluation.truth import Example
from training.labels import Head
from triage.catalogue import Catalogue
from triage.model.calibration import Array
from triage.model.selection import Curve
from triage.model.spans import Spans
from triage.model.trust import TOPIC_L1, Signals, Trust, first_labels, settle

ENOUGH = 300
"""Labelled requests below which a decision gets no judge."""
LABEL_SCALE = 0.5
"""Scale of the label indicators beside the signals: a label's offset is drawn towards 0."""
C = 0.3
"""Inverse regularisation; chosen out of fold, flat between 0.1 and 1."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`trusts` and `curves` by decision, with the `signals` that judges look at."""

    signals: Signals
    groups: tuple[str, ...]
    trusts: dict[str, Trust]
    curves: dict[str, Curve]


def grouping(heads: Sequence[Head], catalogue: Catalogue) -> tuple[tuple[str, ...], list[int]]:
    """Return the first levels of the topics, and each topic's index among them.

    A topic that the code list lacks is its own first level; ((), []) without a topic head.
    """
    topics = next((head.labels for head in heads if head.name == "topic"), ())
    levels = first_levels(catalogue, topics)
    names = tuple(dict.fromkeys(levels))
    return names, [names.index(level) for level in levels]


def judge(
    examples: Sequence[Example],
    heads: Sequence[Head],
    y: Mapping[str, Array],
    held_out: dict[str, Array],
    fold: NDArray[np.int64],
    expected: Array | None,
) -> Judged:
    """Fit judges and curves, and settle the first labels of `held_out` (in place) by them.

    Parameters
    ----------
    y : targets (n, labels) of each multiclass head; NaN where unlabelled
    held_out : cross-fitted probabilities by head; gains `TOPIC_L1`
    expected : P(unit | topic), float32 (topics, units); None without both heads
    """
    names = tuple(head.name for head in heads if head.kind == "multiclass")
    groups, group = grouping(heads, Catalogue.load(None))
    signals = Signals(names, np.array(group, np.int64) if group else None, expected)
    truth = {name: _answer(y[name]) for name in names}
    if group:
        held_out[TOPIC_L1] = signals.first_levels(held_out["topic"])
        lifted = np.array([*group, -1])  # an unlabelled topic (-1) has no first level
        truth[TOPIC_L1] = lifted[truth["topic"]]
    labels = first_labels(held_out, names, signals.group)
    seen = signals.of(
        held_out,
        [len(example.text) for example in examples],
        [bool(example.title) for example in examples],
    )
    trusts, curves = {}, {}
    natural = np.array([not example.boosted for example in examples])
    for name, answer in truth.items():
        known = (answer >= 0) & natural
        right = labels[name] == answer
        if known.sum() < ENOUGH or right[known].all() or not right[known].any():
            continue
        k = held_out[name].shape[1]
        out = np.zeros(len(examples))
        for index in range(int(fold.max()) + 1):
            inside, outside = known & (fold != index), np.flatnonzero(fold == index)
            part = _fit(seen[inside], labels[name][inside], right[inside], k)
            out[outside] = part.judge(seen[outside], labels[name][outside])
        trusts[name] = _fit(seen[known], labels[name][known], right[known], k)
        settle(
            held_out[name], Spans([k]), labels[name][:, None], out[:, None],
            np.array([name != TOPIC_L1]),
        )  # fmt: skip
        settled = held_out[name][np.arange(len(examples)), labels[name]].astype(np.float64)
        curves[name] = Curve.of(right[known], settled[known])
    return Judged(signals, groups, trusts, curves)


def _answer(y: Array) -> NDArray[np.int64]:
    return np.where(np.isnan(y[:, 0]), -1, np.nan_to_num(y).argmax(axis=1))


def _fit(
    seen: NDArray[np.float64], label: NDArray[np.int64], right: NDArray[np.bool_], k: int
) -> Trust:
    if right.all() or not right.any():
        return Trust(np.zeros(seen.shape[1], np.float32), np.full(k, 6.0 if right.all() else -6.0))
    X = np.hstack([seen, LABEL_SCALE * np.eye(k)[label]])
    model = LogisticRegression(C=C, max_iter=1000).fit(X, right)
    weights = model.coef_[0]
    offset = LABEL_SCALE * weights[seen.shape[1] :] + model.intercept_[0]
    return Trust(weights[: seen.shape[1]].astype(np.float32), offset.astype(np.float32))
