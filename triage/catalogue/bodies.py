"""From a functional line to the actual organisation of a place, as of a day.

Regular names are one row with `{region}` in it; exceptions and functional zones have rows of their
own, which come first. Names that nobody has verified say so by their status.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from triage.catalogue.entries import period, split_cell
from triage.catalogue.period import ALWAYS, Period
from triage.catalogue.places import Region
from triage.catalogue.table import Row

DISTRICT, CITY = "DISTRICT", "CITY"


@dataclass(frozen=True, slots=True)
class BodyEntry:
    """A row: which organisation a line is in these regions; no region means every one.

    `name` may hold `{region}`, `{township}` and `{unit}` (the line's name). `when` is a condition
    in the notation of duties, for lines that several organisations share.
    """

    code: str
    unit: str
    level: str
    region: tuple[str, ...]
    kind: str
    when: str
    name: str
    status: str
    note: str = ""
    valid: Period = ALWAYS

    @classmethod
    def from_row(cls, row: Row) -> BodyEntry:
        """Build from a sound row of `bodies.csv`."""
        return cls(
            code=row["code"],
            unit=row["unit"],
            level=row["level"],
            region=split_cell(row["region"]),
            kind=row["kind"],
            when=row["when"],
            name=row["name"],
            status=row["status"],
            note=row["note"],
            valid=period(row),
        )


class Bodies:
    """All rows, found by line; those that name a region stand before those for every region."""

    def __init__(self, entries: Iterable[BodyEntry]) -> None:
        self.entries = tuple(entries)
        self._of: defaultdict[str, list[BodyEntry]] = defaultdict(list)
        for entry in sorted(self.entries, key=lambda entry: (not entry.region, not entry.when)):
            self._of[entry.unit].append(entry)

    def candidates(self, unit: str, region: Region | None, as_of: date) -> tuple[BodyEntry, ...]:
        """Return the rows of a line for a place on that day, the most specific first.

        Rows of the district come before the city's; without a region only the city's are left. A
        functional zone whose own row is missing is answered for by the city.
        """
        held = [entry for entry in self._of.get(unit, ()) if entry.valid.contains(as_of)]
        below = [e for e in held if e.level != CITY and _covers(e, region)]
        return (*below, *(entry for entry in held if entry.level == CITY))


def _covers(entry: BodyEntry, region: Region | None) -> bool:
    if region is None:
        return False
    return region.code in entry.region if entry.region else region.is_district
