"""Roads, rivers, bridges and areas on a district line, what zones cover, and who touches whom.

Sides are written as they were; which districts they are on a day is asked of `places`, so that a
line between two districts that became one is no line any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from triage.catalogue.entries import period, split_cell
from triage.catalogue.period import ALWAYS, Period
from triage.catalogue.table import Row

ZONE, BORDER = "zone", "border"


@dataclass(frozen=True, slots=True)
class Boundary:
    """A thing on a line between `sides` (region codes), found in a text by its `words`.

    Of kind `zone`: the townships of the first side that the second, a functional zone, manages. Of
    kind `border`: the first side touches each of the others, whatever lies there. `joint` says
    whether the sides look at it together.
    """

    code: str
    name: str
    kind: str
    words: tuple[str, ...]
    sides: tuple[str, ...]
    townships: tuple[str, ...] = ()
    joint: bool = True
    status: str = "to_be_confirmed"
    note: str = ""
    valid: Period = ALWAYS

    @classmethod
    def from_row(cls, row: Row) -> Boundary:
        """Build from a sound row of `boundaries.csv`."""
        return cls(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            words=tuple(word.strip() for word in row["words"].split("|") if word.strip()),
            sides=split_cell(row["sides"]),
            townships=split_cell(row["townships"]),
            joint=row["joint"] == "true",
            status=row["status"],
            note=row["note"],
            valid=period(row),
        )
