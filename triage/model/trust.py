"""How far the first label of a decision can be trusted: a second look at the probabilities.

A head's probabilities are fitted over all requests at once. Whether the heads agree, how much was
written and which label it is tell more: a logistic regression on a few signals, fitted out of fold
by `training.trust`, says how often such an answer was right. What to do with it is the abstention
step's business. Everything takes the n requests of a batch at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from triage.model.calibration import Array
from triage.model.spans import Spans

TOPIC_L1 = "topic_l1"
"""The first level of the first topic, judged beside the heads; its row sums its topics'."""
_LEAST = 1e-4
_NOTHING = 1e-9
_MOST_LOG_ODDS = 30.0
_TWO = np.float32(2)

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trust:
    """The judge of one decision: `weights` (signals,), `offset` (labels,).

    Or those of several side by side: `weights` (signals, decisions), `offset` of all their labels.
    """

    weights: Array
    offset: Array

    def judge(self, signals: Numbers, labels: NDArray[np.int64]) -> Numbers:
        """Return the probability that each first label is right, in (0, 1), shaped as `labels`.

        Parameters
        ----------
        signals : (n, signals), as `Signals.of` returns them
        labels : (n,), or (n, decisions) among the labels of all
        """
        return logistic(signals @ self.weights + self.offset[labels])


@dataclass(frozen=True, slots=True)
class Signals:
    """What judges look at.

    Parameters
    ----------
    heads : multiclass heads, in the model's order
    group : int64 (topics,), index of each topic's first level; None where topics have none
    expected : float32 (topics, units), P(unit | topic); None without both heads
    """

    heads: tuple[str, ...]
    group: NDArray[np.int64] | None
    expected: Array | None
    _members: Array | None = field(init=False, repr=False, compare=False)
    _by_unit: Array | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        group = self.group  # float32 (topics, groups), made once: every request is summed by it
        made = None if group is None else np.eye(int(group.max()) + 1, dtype=np.float32)[group]
        object.__setattr__(self, "_members", made)
        by_unit = None if self.expected is None else np.ascontiguousarray(self.expected.T)
        object.__setattr__(self, "_by_unit", by_unit)

    @property
    def count(self) -> int:
        """Number of signals."""
        agreement = self.expected is not None
        return 2 + 2 * (len(self.heads) + (self.group is not None)) + agreement

    def of(
        self, probabilities: Mapping[str, Array], characters: Sequence[int], titled: Sequence[bool]
    ) -> Numbers:
        """Return the signals of n requests, each of the order of 1, float64 (n, count).

        Parameters
        ----------
        probabilities : (n, labels) of each head, rows summing to 1, and of TOPIC_L1 where topics
            are grouped
        characters : lengths of the n texts
        titled : whether there are titles
        """
        names = self.heads if self.group is None else (*self.heads, TOPIC_L1)
        h, n = len(names), len(characters)
        sure = np.empty((n, h + (self.expected is not None)))
        sure[:, :h], second = _two_largest([probabilities[name] for name in names])
        if self._by_unit is not None:  # what the topics say of the first unit
            of_first = self._by_unit.take(probabilities["lead_unit"].argmax(axis=1), axis=0)
            sure[:, h] = (probabilities["topic"] * of_first).sum(axis=1)
        found = np.empty((n, self.count))
        found[:, 0] = np.log1p(characters) / 5
        found[:, 1] = titled
        kept = np.minimum(np.maximum(sure, _LEAST), 1 - _LEAST)
        found[:, 2::2] = kept / (1 - kept)
        found[:, 3::2] = (sure[:, :h] + _LEAST) / (second.astype(np.float64) + _LEAST)
        found[:, 2:] = np.log(found[:, 2:]) / 3
        return found

    def first_levels(self, topics: Array) -> Array:
        """Return probabilities of first levels (n, groups) from those of topics (n, topics)."""
        assert self._members is not None
        sums: Array = topics @ self._members
        return sums


def first_labels(
    probabilities: Mapping[str, Array],
    names: Iterable[str],
    group: NDArray[np.int64] | None,
) -> dict[str, NDArray[np.int64]]:
    """Return each decision's first label, int64 (n,); the first level is the first topic's."""
    labels = {name: probabilities[name].argmax(axis=1) for name in names if name != TOPIC_L1}
    if group is not None:
        topics = labels.get("topic")
        labels[TOPIC_L1] = group[
            probabilities["topic"].argmax(axis=1) if topics is None else topics
        ]
    return labels


def logistic(odds: Numbers) -> Numbers:
    """Return the probabilities of log odds, without overflow."""
    kept = np.minimum(np.maximum(odds, -_MOST_LOG_ODDS), _MOST_LOG_ODDS)
    found: Numbers = 1 / (1 + np.exp(-kept))
    return found


def settle(
    rows: Array,
    spans: Spans,
    columns: NDArray[np.int64],
    trust: Numbers,
    stays_first: NDArray[np.bool_],
) -> None:
    """Give first labels the probability `trust` and the others the rest in proportion, in place.

    Where the others have nothing, they share alike.

    Parameters
    ----------
    rows : float32 (n, columns), the decisions of n requests side by side, as `spans` cuts them
    columns : (n, spans), where each decision's first label stands
    trust : (n, spans), in (0, 1)
    stays_first : (spans,), decisions where no other label overtakes the first, nor draws level
    """
    at = np.arange(len(rows))[:, None]
    rows[at, columns] = 0
    others = spans.sums(rows)
    if others.min(initial=1) < _NOTHING:
        nothing = others < _NOTHING
        rows += spans.spread((nothing / np.maximum(spans.widths - 1, 1)).astype(np.float32))
        rows[at, columns] = 0
        others[nothing] = 1
    second = spans.most(rows)
    settled = np.maximum(trust, stays_first * (second / (others + second)))
    rows *= spans.spread(((1 - settled) / others).astype(np.float32))
    # rounded to float32, the first label of a draw could come second: it keeps one step ahead
    ahead = np.nextafter(spans.most(rows), _TWO)
    rows[at, columns] = np.maximum(settled, stays_first * ahead)


def _two_largest(heads: Sequence[Array]) -> tuple[Array, Array]:
    """Return the largest and the second largest value of each head's rows (n, k), each (n, heads).

    They are 1 and 0 where a head has a single label; no value is below 0.
    """
    rows = np.concatenate(heads, axis=1)
    widths = tuple([head.shape[1] for head in heads])
    spans = _side_by_side(widths)
    columns = np.array([head.argmax(axis=1) for head in heads]).T + spans.starts
    at = np.arange(len(rows))[:, None]
    largest: Array = rows[at, columns]
    rows[at, columns] = 0
    if 1 in widths:
        largest[:, spans.widths == 1] = 1
    return largest, spans.most(rows)


@lru_cache(maxsize=16)
def _side_by_side(widths: tuple[int, ...]) -> Spans:
    return Spans(widths)
