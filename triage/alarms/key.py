"""What a series counts: a topic or first level, in a district or the whole city, a channel, a unit.

"" stands for all. The key of a series is also what tells one alarm from another. That of a new
term holds the term, a word of requests: `wordless` leaves it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TERM: Final = "term-"
"""Before a new term where an event's id stands."""
_TERM_CODE: Final = f"event:{TERM}"


class Level(StrEnum):
    """Which parts of a key are filled in."""

    CITY = "city"
    AREA = "area"
    L1 = "l1"
    TOPIC = "topic"
    L1_AREA = "l1_area"
    TOPIC_AREA = "topic_area"
    CHANNEL = "channel"
    UNIT = "unit"
    EVENT = "event"


ABOVE: Final = {
    Level.TOPIC_AREA: (Level.L1_AREA, Level.TOPIC),
    Level.L1_AREA: (Level.AREA, Level.L1),
    Level.TOPIC: (Level.L1,),
    Level.L1: (Level.CITY,),
    Level.AREA: (Level.CITY,),
}
"""The levels that hold one, next above it."""


@dataclass(frozen=True, slots=True, order=True)
class SeriesKey:
    """One series. `area` is a district by the latest boundaries, `l1` a topic's first level."""

    level: Level
    topic: str = ""
    l1: str = ""
    area: str = ""
    channel: str = ""
    unit: str = ""
    event: str = ""

    @property
    def code(self) -> str:
        """Return it as one text: `topic_area:GY02@500112`, `l1_area:…`, `channel:APP`, `city:`."""
        what = self.topic or self.l1 or self.channel or self.unit or self.event
        return f"{self.level.value}:{what}" + (f"@{self.area}" if self.area else "")

    def parents(self) -> tuple[SeriesKey, ...]:
        """Return the series next above that hold this one."""
        return tuple(self._at(level) for level in ABOVE.get(self.level, ()))

    def above(self) -> tuple[SeriesKey, ...]:
        """Return all series that hold this one, the nearest first."""
        found: list[SeriesKey] = []
        waiting = list(self.parents())
        while waiting:
            one = waiting.pop(0)
            if one not in found:
                found.append(one)
                waiting += one.parents()
        return tuple(found)

    def _at(self, level: Level) -> SeriesKey:
        return SeriesKey(
            level,
            topic=self.topic if level is Level.TOPIC else "",
            l1=self.l1 if level in (Level.L1, Level.L1_AREA, Level.TOPIC) else "",
            area=self.area if level in (Level.AREA, Level.L1_AREA) else "",
        )


def wordless(code: str) -> str:
    """Return a series' code without a word of requests: `event:term-…@500112` → `event:term@…`."""
    if not code.startswith(_TERM_CODE):
        return code
    _, at, area = code.partition("@")
    return f"{_TERM_CODE.removesuffix('-')}{at}{area}"
