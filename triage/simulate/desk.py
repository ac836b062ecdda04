"""Labels as agents give them: topic and unit, each wrong at the rate that the plan asks for.

A wrong topic is mostly a neighbour of the true one (same first level), a wrong unit one that
supports such matters or leads a neighbour. Truth goes in by index, labels come out by index.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from triage.catalogue import Catalogue
from triage.simulate.tables import PROFILES
from triage.simulate.telling import matters

_NEIGHBOUR = 0.7
Ints = NDArray[np.int64]


class Desk:
    """The desk of a city: codes of topics and units by index, and who is confused with whom."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.topics = tuple(row["topic"] for row in PROFILES())
        entries = [catalogue.topics[code] for code in self.topics]
        self.units = tuple(catalogue.units)
        index = {code: i for i, code in enumerate(self.units)}
        leads = [index[entry.lead] for entry in entries]
        self.unit_of_matter = np.array(
            [index[one.unit or catalogue.topics[one.topic].lead] for one in matters()]
        )
        near = [
            [j for j, other in enumerate(entries) if other.l1 == entry.l1 and j != i]
            for i, entry in enumerate(entries)
        ]
        far = [[j for j in range(len(entries)) if j != i] for i in range(len(entries))]
        self._near_topics = _even([a or b for a, b in zip(near, far, strict=True)])
        self._near_units = _even(
            [
                sorted({index[code] for code in entry.support} | {leads[j] for j in around or rest})
                for entry, around, rest in zip(entries, near, far, strict=True)
            ]
        )

    def units_of_matters(self) -> tuple[str, ...]:
        """Return the code of the unit that each matter belongs to."""
        return tuple(self.units[i] for i in self.unit_of_matter.tolist())

    def topics_given(self, topic: Ints, noise: float, rng: np.random.Generator) -> Ints:
        """Return the agent's topics (n,): another than the true one with probability `noise`."""
        n, k = len(topic), len(self.topics)
        near = self._near_topics[topic, rng.integers(self._near_topics.shape[1], size=n)]
        far = (topic + rng.integers(1, k, size=n)) % k
        wrong = np.where(rng.random(n) < _NEIGHBOUR, near, far)
        return np.where(rng.random(n) < noise, wrong, topic)

    def units_given(self, topic: Ints, unit: Ints, noise: float, rng: np.random.Generator) -> Ints:
        """Return the agent's units (n,): another than the true one with probability `noise`."""
        n, k = len(unit), len(self.units)
        near = self._near_units[topic, rng.integers(self._near_units.shape[1], size=n)]
        far = (unit + rng.integers(1, k, size=n)) % k
        return np.where(rng.random(n) < noise, np.where(near == unit, far, near), unit)


def _even(lists: list[list[int]]) -> Ints:
    """Return the lists as one array (n, longest), shorter ones repeated."""
    width = max(map(len, lists))
    return np.array([[one[i % len(one)] for i in range(width)] for one in lists])
