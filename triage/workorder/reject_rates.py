"""How often units reject what is sent to them: hierarchical rates, shrunken towards what is known.

A cell (unit, topic, region) leans on the unit with the topic, that on the two margins, those on the
overall rate, each a beta-binomial posterior mean. Counts come one at a time, nothing is fitted.

References
----------
Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., section 5.3: the beta-binomial hierarchy.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

STRENGTH = 20.0
"""Dispatches that the level above counts for (evaluation/results/reject_risk.json tries others)."""
_JEFFREYS = 0.5
ANY = ""
Cell = tuple[str, str, str]


@dataclass(slots=True)
class Tally:
    """Dispatches and rejections of one cell, and the reason codes of these."""

    n: int = 0
    rejects: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Risk:
    """The probability in (0, 1) that a unit rejects; what was counted of unit and topic."""

    unit: str
    probability: float
    n: int
    rejects: int
    reasons: tuple[tuple[str, int], ...] = ()


class RejectRates:
    """Counts of every cell and of its margins, and the rates that follow."""

    def __init__(self, strength: float = STRENGTH) -> None:
        self._strength = strength
        self._tallies: dict[Cell, Tally] = {}

    def count(self, unit: str, topic: str, region: str) -> None:
        """Count a dispatch that is settled."""
        for cell in _levels(unit, topic, region):
            self._tallies.setdefault(cell, Tally()).n += 1

    def reject(self, unit: str, topic: str, region: str, reason: str) -> None:
        """Count the rejection of a dispatch that is already counted."""
        for cell in _levels(unit, topic, region):
            tally = self._tallies.setdefault(cell, Tally())
            tally.rejects += 1
            tally.reasons[reason] += 1

    def risk(self, unit: str, topic: str, region: str) -> Risk:
        """Return the risk of sending an order of a topic and region to a unit."""
        overall = self._overall()
        of_unit = self._leaning((unit, ANY, ANY), overall)
        of_topic = self._leaning((ANY, topic, ANY), overall) if topic else overall
        # The mean of the two, not both effects added: a topic that only one unit gets has one
        # history, and adding would count it twice.
        both = _expit((_logit(of_unit) + _logit(of_topic)) / 2)
        cell = (unit, topic, ANY) if topic else (unit, ANY, ANY)
        probability = self._leaning(cell, both) if topic else of_unit
        if region:
            probability = self._leaning((unit, topic, region), probability)
        seen = self._tallies.get(cell, Tally())
        return Risk(unit, probability, seen.n, seen.rejects, tuple(seen.reasons.most_common()))

    def _overall(self) -> float:
        whole = self._tallies.get((ANY, ANY, ANY), Tally())
        return (whole.rejects + _JEFFREYS) / (whole.n + 2 * _JEFFREYS)

    def _leaning(self, cell: Cell, prior: float) -> float:
        tally = self._tallies.get(cell)
        if tally is None:
            return prior
        return (tally.rejects + self._strength * prior) / (tally.n + self._strength)


def _levels(unit: str, topic: str, region: str) -> set[Cell]:
    """Return the cell and its margins, each once: an order may have no topic or region."""
    return {
        (unit, topic, region),
        (unit, topic, ANY),
        (unit, ANY, ANY),
        (ANY, topic, ANY),
        (ANY, ANY, ANY),
    }


def _logit(p: float) -> float:
    return math.log(p / (1 - p))


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x))
