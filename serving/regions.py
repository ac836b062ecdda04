"""Which regions a scope covers: the city all, a district its townships, a township itself.

The scope of a key names codes; an order carries the code of whoever holds it, which may be of a
lower level. The code lists are loaded when the first scope asks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from triage.catalogue import Catalogue
from triage.catalogue.places import Places

Spread: TypeAlias = Callable[[frozenset[str]], frozenset[str]]
"""From the regions that a scope names to all that it covers; empty means everywhere."""

SCOPES = 1024
"""Different scopes remembered."""


def as_named(regions: frozenset[str]) -> frozenset[str]:
    """Cover what is named and nothing below it: where there are no code lists."""
    return regions


def spread_by(load: Callable[[], Places]) -> Spread:
    """Return how scopes spread over the places of the day on which each is first asked for."""

    @lru_cache(maxsize=SCOPES)
    def spread(regions: frozenset[str]) -> frozenset[str]:
        if not regions:
            return regions
        places, today = load(), datetime.now(ZoneInfo("Asia/Shanghai")).date()
        if any(r.code in regions and r.kind == "city" for r in places.regions_on(today)):
            return frozenset()
        below = {one.code for one in places.townships_on(today) if one.district in regions}
        return regions | below

    return spread


def shipped_or(folder: Path | None) -> Spread:
    """Return how scopes spread by a city's code lists; None for those of the package."""

    @lru_cache(maxsize=1)
    def places() -> Places:
        return Catalogue.load(folder).places

    return spread_by(places)
