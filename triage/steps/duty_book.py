"""Which entry of the dispatch catalogue governs a request: conditions compiled, the best chosen.

The most specific condition that holds in the text wins, among the entries whose topics the model
finds likely enough; where none does, the default of the likeliest topic. This module moves nothing:
what an entry means for the ranked units is decided in `duty`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from triage.catalogue.duties import Duties, Duty, covered
from triage.steps.conditions import Condition, Hits
from triage.steps.dispatch_index import DispatchIndex


@dataclass(frozen=True, slots=True)
class Ruling:
    """The entry that governs, and the spans of the folded text that its condition was found in."""

    duty: Duty
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Compiled:
    duty: Duty
    condition: Condition
    columns: NDArray[np.intp]
    specific: tuple[bool, int]


class DutyBook:
    """The compiled entries of a catalogue, for a model's topic labels."""

    def __init__(
        self, duties: Duties, index: DispatchIndex, topics: Sequence[str], share: float
    ) -> None:
        self._share = share
        self._topics = tuple(topics)
        self._defaults: dict[str, list[Duty]] = {}
        self._index = index
        self._by_group: dict[int, list[_Compiled]] = {}
        for duty, condition in zip(index.ruled, index.conditions, strict=True):
            columns = [topics.index(topic) for topic in covered(duty.topics, self._topics)]
            specific = (bool(duty.region), len(condition.needed))
            compiled = _Compiled(duty, condition, np.array(columns, np.intp), specific)
            rarest = min(condition.needed, key=lambda number: len(index.groups[number]))
            self._by_group.setdefault(rarest, []).append(compiled)
        for duty in duties.entries:
            for topic in covered(duty.topics, self._topics) if duty.is_default else ():
                self._defaults.setdefault(topic, []).append(duty)

    def ruling(
        self,
        hits: Hits,
        topics: NDArray[np.float32],
        *,
        as_of: date,
        region: str | None = None,
    ) -> Ruling | None:
        """Return the entry that governs on that day, or None where the catalogue has none.

        Parameters
        ----------
        topics
            Probability of each topic, (topics,), in the order of the labels given at the start.
        region
            Code of the district, for entries of some regions only.
        """
        best: tuple[tuple[bool, int, float], Ruling] | None = None
        for number in hits.numbers:
            for one in self._by_group.get(number, ()):
                if best is not None and one.specific < best[0][:2]:
                    continue
                if not one.condition.needed <= hits.numbers:
                    continue
                mass = float(np.add.reduce(topics.take(one.columns)))
                rank = (*one.specific, mass)
                if mass < self._share or (best is not None and rank <= best[0]):
                    continue
                spans = self._index.holds(one.condition, hits)
                if spans is not None and _in_force(one.duty, as_of, region):
                    best = (rank, Ruling(one.duty, spans))
        if best is not None:
            return best[1]
        return self._default(self._topics[int(topics.argmax())], as_of, region)

    def _default(self, topic: str, as_of: date, region: str | None) -> Ruling | None:
        held = [d for d in self._defaults.get(topic, ()) if _in_force(d, as_of, region)]
        return Ruling(max(held, key=lambda duty: bool(duty.region))) if held else None


def _in_force(duty: Duty, as_of: date, region: str | None) -> bool:
    return duty.valid.contains(as_of) and (not duty.region or region in duty.region)
