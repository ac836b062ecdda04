"""Where people live and what the place is called on a day: townships with weights, by district.

Weights come from the population of the 38 districts of 2020; a township keeps its code, and with it
the weight, when it changes districts. The code lists say which district it is in on a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from triage.catalogue import Catalogue
from triage.simulate.cumulative import WeightedGroups
from triage.simulate.tables import DISTRICTS

_WEIGHTS = {"街道": (3.0, 0.15), "镇": (1.0, 1.0)}
"""Assumed share of a district's people and of its villages: 街道, 镇, and 乡 for the rest."""
_SMALL = (0.5, 0.8)


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """Townships by index: code, name, and code and name of the district as of a day."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    district_codes: tuple[str, ...]
    district_names: tuple[str, ...]


class Geography:
    """Townships of a city; the index of a township is the same on every day."""

    def __init__(self, catalogue: Catalogue) -> None:
        places = catalogue.places
        self._places = places
        self.origins = tuple(row["code"] for row in DISTRICTS())
        codes = sorted({one.code for one in places.townships if one.code[:6] in self.origins})
        self.codes = tuple(codes)
        latest = {one.code: one.name for one in places.townships}
        self.origin = np.array([self.origins.index(code[:6]) for code in codes])
        kinds = np.array([_weights(latest[code]) for code in codes])
        self._people = WeightedGroups(kinds[:, 0], self.origin)
        self._villages = WeightedGroups(kinds[:, 1], self.origin)
        changes = {one.valid.start for one in places.townships} - {date.min}
        self._changes = sorted(changes)
        self._on_change = lru_cache(maxsize=4)(self._names)

    def names_on(self, day: date) -> PlaceNames:
        """Return what the townships are called, and where they lie, on a day."""
        past = [change for change in self._changes if change <= day]
        return self._on_change(past[-1] if past else date.min)

    def draw(
        self,
        district: NDArray[np.int64],
        *,
        is_village: NDArray[np.bool_],
        rng: np.random.Generator,
    ) -> NDArray[np.int64]:
        """Return the index of a township of each district (n,), villages rather in towns."""
        people = self._people.draw(district, rng)
        return np.where(is_village, self._villages.draw(district, rng), people)

    def _names(self, day: date) -> PlaceNames:
        there = {one.code: one for one in self._places.townships_on(day)}
        last = {one.code: one for one in self._places.townships}
        found = [there.get(code, last[code]) for code in self.codes]
        regions = {one.code: one.name for one in self._places.regions}
        return PlaceNames(
            codes=self.codes,
            names=tuple(one.name for one in found),
            district_codes=tuple(one.district for one in found),
            district_names=tuple(regions[one.district] for one in found),
        )


def _weights(name: str) -> tuple[float, float]:
    return next((two for suffix, two in _WEIGHTS.items() if name.endswith(suffix)), _SMALL)
