"""How far the first label of a decision can be trusted: a second look at the probabilities.

A head's probabilities are fitted over all requests at once. Whether the heads agree, how much was
written and which label it is tell more: a logistic regression on a few signals, fitted out of fold
by `training.trust`, says how often such an answer was right. What to do with it is the abstention
step's business.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import mul

import numpy as np
from numpy.typing import NDArray

from triage.model.calibration import Array

TOPIC_L1 = "topic_l1"
"""The first level of the first topic, judged beside the heads; its row sums its topics'."""
_LEAST = 1e-4
_NOTHING = 1e-9
_NEVER_OVERTAKEN = 0.5
"""The others share what is left, so none of them has more than this."""
_MOST_LOG_ODDS = 30.0


@dataclass(frozen=True, slots=True)
class Trust:
    """The judge of one decision: `weights` float32 (signals,), `offset` float32 (labels,)."""

    weights: Array
    offset: Array

    def judge(self, signals: Sequence[float], label: int) -> float:
        """Return the probability that the first label is right, in (0, 1)."""
        odds = float(self.offset[label]) + sum(map(mul, self.weights.tolist(), signals))
        return 1 / (1 + math.exp(-min(max(odds, -_MOST_LOG_ODDS), _MOST_LOG_ODDS)))


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

    def __post_init__(self) -> None:
        group = self.group  # float32 (topics, groups), made once: every request is summed by it
        made = None if group is None else np.eye(int(group.max()) + 1, dtype=np.float32)[group]
        object.__setattr__(self, "_members", made)

    @property
    def count(self) -> int:
        """Number of signals."""
        agreement = self.expected is not None
        return 2 + 2 * (len(self.heads) + (self.group is not None)) + agreement

    def of(self, rows: Mapping[str, Array], *, characters: int, titled: bool) -> list[float]:
        """Return the signals of one request, each of the order of 1.

        Parameters
        ----------
        rows : probabilities (labels,) of each head, summing to 1, and of TOPIC_L1 where topics are
            grouped; written to and restored
        characters : length of the text
        """
        found = [math.log1p(characters) / 5, float(titled)]
        names = self.heads if self.group is None else (*self.heads, TOPIC_L1)
        for name in names:
            first, second = _two_largest(rows[name])
            found += [_log_odds(first) / 3, math.log((first + _LEAST) / (second + _LEAST)) / 3]
        if self.expected is not None:
            unit = int(rows["lead_unit"].argmax())
            found.append(_log_odds(float(rows["topic"] @ self.expected[:, unit])) / 3)
        return found

    def first_levels(self, topics: Array) -> Array:
        """Return probabilities of first levels (n, groups) from those of topics (n, topics)."""
        assert self._members is not None
        sums: Array = topics @ self._members
        return sums


def settle(row: Array, label: int, trust: float, *, stays_first: bool = True) -> None:
    """Give `label` the probability `trust` and the others the rest in proportion, in place.

    With `stays_first` no other label overtakes it. Where the others have nothing, they share alike.
    """
    row[label] = 0
    others = float(row.sum())
    if others < _NOTHING:
        row += 1 / max(len(row) - 1, 1)
        others = 1.0
    if stays_first and trust < _NEVER_OVERTAKEN:
        second = float(row.max())
        trust = max(trust, second / (others + second))
    row *= (1 - trust) / others
    row[label] = trust


def _two_largest(row: Array) -> tuple[float, float]:
    """Return the largest and the second largest value; (1, 0) for a single one."""
    if len(row) == 1:
        return 1.0, 0.0
    label = row.argmax()
    first = row.item(label)
    row[label] = -1
    second = float(row.max())
    row[label] = first
    return first, second


def _log_odds(p: float) -> float:
    p = min(max(p, _LEAST), 1 - _LEAST)
    return math.log(p / (1 - p))
