"""From the numbers of a pair to probabilities and a class; the classes are ordered.

Two sets of trees: is it one event, and is it at least related. Log-odds become probabilities by a
straight line fitted on pairs the trees had not seen (Platt 1999). Where a cross-encoder has read a
pair too, `closer` weighs both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from triage.model.encoder import Floats
from triage.same_event.closer import Closer, probability_of
from triage.same_event.judgement import Label
from triage.same_event.trees import Trees, joined

SAME, RELATED = "same", "related"
"""Names of the two sets of trees among the tensors."""


@dataclass(frozen=True, slots=True)
class Scale:
    """P = 1 / (1 + exp(-(slope · log-odds + offset)))."""

    slope: float = 1.0
    offset: float = 0.0

    def probability(self, log_odds: Floats) -> Floats:
        """Return float32 (n,) in [0, 1]."""
        return probability_of(self.slope * log_odds + self.offset)


@dataclass(frozen=True, slots=True)
class Decision:
    """The fitted decision; `merge_from` is the probability from which a merge may be automatic.

    Where there is a `closer`, it is a probability of pairs that were read.
    """

    same: Trees
    related: Trees
    same_scale: Scale
    related_scale: Scale
    merge_from: float
    closer: Closer | None = None
    _both: Trees = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_both", joined(self.same, self.related))

    def probabilities(self, features: Floats) -> Floats:
        """Return float32 (n, 2): P(SAME_EVENT), P(SAME_EVENT or RELATED) and never less."""
        return self.scaled(self.log_odds(features))

    def log_odds(self, features: Floats) -> Floats:
        """Return float32 (n, 2): the sums of both sets of trees."""
        values, first = self._both.values(features), len(self.same.feature)
        found = np.empty((len(values), 2), np.float32)
        found[:, 0] = values[:, :first].sum(axis=1) + np.float32(self.same.start)
        found[:, 1] = values[:, first:].sum(axis=1) + np.float32(self.related.start)
        return found

    def scaled(self, log_odds: Floats) -> Floats:
        """Return the probabilities of what `log_odds` gave, by the trees alone."""
        same = self.same_scale.probability(log_odds[:, 0])
        related = self.related_scale.probability(log_odds[:, 1])
        return np.stack([same, np.maximum(same, related)], axis=1)

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """Return what an artefact keeps of the decision."""
        numbers = [
            self.same_scale.slope,
            self.same_scale.offset,
            self.related_scale.slope,
            self.related_scale.offset,
            self.merge_from,
        ]
        return {
            **self.same.tensors(SAME),
            **self.related.tensors(RELATED),
            "scales": np.array(numbers, np.float64),
            **(self.closer.tensors() if self.closer else {}),
        }

    @classmethod
    def read(cls, tensors: Mapping[str, NDArray[np.generic]]) -> Decision:
        """Read what `tensors` wrote; KeyError or ValueError where something is missing."""
        slope, offset, related_slope, related_offset, merge_from = map(float, tensors["scales"])
        return cls(
            Trees.read(tensors, SAME),
            Trees.read(tensors, RELATED),
            Scale(slope, offset),
            Scale(related_slope, related_offset),
            merge_from,
            Closer.read(tensors),
        )


def label_of(same: float, related: float) -> Label:
    """Return the class: the highest for which the odds are even or better."""
    if same >= 0.5:
        return Label.SAME_EVENT
    return Label.RELATED if related >= 0.5 else Label.UNRELATED
