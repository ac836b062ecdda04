"""Noisy units: those whose "not our duty" (WRONG_DUTY) is mostly overturned.

A reject is overturned where the order ends with the unit that rejected it after all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from training.feedback.settling import Settled

LEAST = 5
"""Rejects below which nothing is said of a unit."""
MOST_OVERTURNED = 0.5


@dataclass(frozen=True, slots=True)
class Rejecting:
    """How often a unit rejected as not its duty, and how often that was overturned."""

    unit: str
    rejects: int
    overturned: int

    @property
    def is_noisy(self) -> bool:
        """More of its rejects were wrong than right."""
        return self.rejects >= LEAST and self.overturned / self.rejects > MOST_OVERTURNED


def rejecting_units(settled: Iterable[Settled]) -> list[Rejecting]:
    """Return the units that rejected, by code."""
    rejects, overturned = Counter[str](), Counter[str]()
    for one in settled:
        for unit in set(one.rejects) if one.lead else ():
            rejects[unit] += 1
            overturned[unit] += unit == one.lead
    return [Rejecting(unit, rejects[unit], overturned[unit]) for unit in sorted(rejects)]
