"""Which organisation a functional line is where an order lies, as of the day it is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from triage.catalogue import Catalogue
from triage.catalogue.bodies import CITY, BodyEntry
from triage.catalogue.places import Region
from triage.desk.office import Holder
from triage.workorder.order import WorkOrder

LEVELS = {"CITY": "city", "DISTRICT": "district", "TOWNSHIP": "township"}
_CITY = Region("500000", "重庆市", "city")


class Holders:
    """The organisations of a catalogue, asked as of today."""

    def __init__(self, catalogue: Catalogue, today: Callable[[], date]) -> None:
        self._catalogue = catalogue
        self._today = today

    def __call__(self, unit: str, order: WorkOrder) -> Holder:
        """Return who holds an order that is sent to a line, by the line's name where no row is."""
        today = self._today()
        region = self._catalogue.places.region(order.region, as_of=today)
        held = self._catalogue.bodies.candidates(unit, region, today)
        names = self._catalogue.units[unit].name
        if not held:
            return Holder(names, order.region, order.level)
        entry = held[0]
        place = _CITY if entry.level == CITY or region is None else region
        level = LEVELS.get(entry.level, order.level)
        return Holder(_name(entry, place, names, order), order.region, level)


def _name(entry: BodyEntry, place: Region, unit: str, order: WorkOrder) -> str:
    township = order.township or "镇街"
    return entry.name.format(region=place.name, unit=unit, township=township)
