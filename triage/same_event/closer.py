"""What a cross-encoder adds to the trees: which pairs it is asked about, and how both are weighed.

Both speak in log-odds; a plane fitted on pairs that neither had seen makes one of the two
(stacked generalisation, Wolpert 1992). How either comes to its answer is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.model.encoder import Floats

TENSOR = "closer"
"""Name of these numbers among an artefact's tensors; most artefacts have none."""


def probability_of(log_odds: NDArray[np.floating[Any]]) -> Floats:
    """Return float32 (n,) in [0, 1]."""
    found: Floats = (1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))).astype(np.float32)
    return found


@dataclass(frozen=True, slots=True)
class Plane:
    """P = 1 / (1 + exp(-(trees · their log-odds + read · those of the cross-encoder + offset)))."""

    trees: float
    read: float
    offset: float

    def probability(self, trees: Floats, read: Floats) -> Floats:
        """Return float32 (n,) in [0, 1] of log-odds (n,) each."""
        return probability_of(self.trees * trees + self.read * read + self.offset)


@dataclass(frozen=True, slots=True)
class Closer:
    """`asked_from` is the probability by the trees alone from which a pair is read.

    Below it the trees' answer stands: of the pairs that are one event next to none lie there. It
    stands too where one text is a copy about another place: no such pair was there to learn from.
    """

    same: Plane
    related: Plane
    asked_from: float

    def probabilities(self, trees: Floats, read: Floats) -> Floats:
        """Return float32 (n, 2) of log-odds (n, 2) each: P(SAME_EVENT), P(at least RELATED)."""
        same = self.same.probability(trees[:, 0], read[:, 0])
        related = self.related.probability(trees[:, 1], read[:, 1])
        return np.stack([same, np.maximum(same, related)], axis=1)

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """Return what an artefact keeps."""
        planes = [(one.trees, one.read, one.offset) for one in (self.same, self.related)]
        return {TENSOR: np.array([*planes[0], *planes[1], self.asked_from], np.float64)}

    @classmethod
    def read(cls, tensors: Mapping[str, NDArray[np.generic]]) -> Closer | None:
        """Read what `tensors` wrote, None where there is nothing; ValueError for another form."""
        if TENSOR not in tensors:
            return None
        numbers = list(map(float, tensors[TENSOR]))
        if len(numbers) != 7:
            raise ValueError(f"{TENSOR}: {len(numbers)} 个数，应为 7 个")
        return cls(Plane(*numbers[:3]), Plane(*numbers[3:6]), numbers[6])
