"""From which trust on an answer may stand without a check, so that few of those are wrong.

Fixed-sequence testing (Angelopoulos, Bates, Candès, Jordan and Lei 2021, "Learn then test"): go
from the surest answers of held-out requests downwards and stop at the first threshold where an
exact binomial test no longer rules out that more than the target are wrong. Over the draw of the
held-out requests, the risk exceeds the target with probability at most `error`; requests must be
of the same kind as those.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma

import numpy as np
from numpy.typing import NDArray

POINTS = 200
"""Thresholds that are tested, at equal steps of coverage."""
FIRST = 10
"""The test begins with the FIRST-th of them (5 % of answers): a chance mistake right at the top
would otherwise end it."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Held-out answers by threshold, from the surest down: each (POINTS,) or shorter.

    `threshold` float64; `answered` and `wrong` int64 count the answers of at least that trust.
    """

    threshold: NDArray[np.float64]
    answered: NDArray[np.int64]
    wrong: NDArray[np.int64]

    @classmethod
    def of(cls, right: NDArray[np.bool_], trust: NDArray[np.float64]) -> Curve:
        """Measure held-out answers; equal trusts are never parted. Empty for no answers."""
        order = np.argsort(-trust, kind="stable")
        sorted_trust = trust[order]
        wrong = np.cumsum(~right[order], dtype=np.int64)
        is_last_of_tie = np.append(np.diff(sorted_trust) != 0, True)[: len(order)]
        wanted = np.linspace(0, len(order), POINTS + 1)[1:].astype(np.int64) - 1
        ends = np.flatnonzero(is_last_of_tie)
        ends = np.unique(ends[np.searchsorted(ends, wanted[wanted >= 0])])
        return cls(sorted_trust[ends], ends + 1, wrong[ends])

    def threshold_for(self, risk: float, error: float) -> float:
        """Return the least trust that may stand without a check; infinity where none may.

        Parameters
        ----------
        risk : share of wrong answers among those that stand, in (0, 1)
        error : probability that the guarantee fails, in (0, 1)
        """
        chosen = float("inf")
        if not len(self.answered):
            return chosen
        least = max(fewest(risk, error), int(self.answered[-1]) * FIRST // POINTS)
        for threshold, answered, wrong in zip(
            self.threshold.tolist(), self.answered.tolist(), self.wrong.tolist(), strict=True
        ):
            if answered < least:
                continue
            if at_most(wrong, answered, risk) > error:
                break
            chosen = threshold
        return chosen


def fewest(risk: float, error: float) -> int:
    """Return how many answers without a mistake it takes to pass the test."""
    return int(np.ceil(np.log(error) / np.log1p(-risk)))


def at_most(wrong: int, answered: int, risk: float) -> float:
    """Return P(Binomial(answered, risk) <= wrong)."""
    k = np.arange(wrong + 1)
    choose = lgamma(answered + 1) - np.array(
        [lgamma(i + 1) + lgamma(answered - i + 1) for i in k.tolist()]
    )
    terms = choose + k * np.log(risk) + (answered - k) * np.log1p(-risk)
    return float(min(1.0, np.exp(terms).sum()))
