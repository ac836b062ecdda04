"""Where a call says it is, for storms: many calls of one matter from one named spot are one event.

In the hours of a storm, same region, topic and named spot say more than the wording does: water
that is yellow and water that is muddy at one estate are one event. Out of a storm they may be two,
so nothing here speaks then. Names are those that `triage.same_event.mentions` reads.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from triage.hot.counters import Counters, hour_of
from triage.same_event.entry import Entry
from triage.same_event.mentions import mentions
from triage.text.elements import ElementExtractor

STORM_CALLS = 20
"""Calls of an event in the running and the last hour from which it is a storm (`signals.toml`)."""
MOST_OF = 0.5
"""Share of an event's calls with a named spot that must name one, for the event to be there."""
SPOTS_KEPT = 64
"""Spots of an event that are counted."""
STEM, HEARD, ALIKE = 2, 200, 8
"""Characters of a short form; of a text in which it is looked for; storms of one region and topic
that are told apart by it."""
_KINDS = ("estate", "community", "road")
"""What can be a spot, the first that a call names; a township is too wide."""


class Spot(NamedTuple):
    """A named spot, told of one topic in one region."""

    region: str
    topic: str
    kind: str
    name: str

    def clashes(self, other: Spot) -> bool:
        """Say whether two spots are of one kind and neither name is part of the other."""
        apart = self.name not in other.name and other.name not in self.name
        return self.kind == other.kind and apart


@dataclass(slots=True)
class Told:
    """The spots that an event's calls name."""

    counts: Counter[Spot] = field(default_factory=Counter)

    def add(self, spot: Spot) -> None:
        """Count one; new ones no longer once there are too many."""
        if spot in self.counts or len(self.counts) < SPOTS_KEPT:
            self.counts[spot] += 1

    def main(self) -> Spot | None:
        """Return the spot that most of the calls name; None where they do not agree."""
        if not self.counts:
            return None
        spot, n = max(self.counts.items(), key=lambda row: (row[1], row[0]))
        return spot if n > MOST_OF * self.counts.total() else None


class Spots:
    """Reads the spot of a call, and knows at which spots there is a storm; at most `most`."""

    def __init__(self, extractor: ElementExtractor, most: int) -> None:
        self._extractor, self._most = extractor, most
        self._storms: OrderedDict[Spot, str] = OrderedDict()
        self._of_topic: dict[tuple[str, str], list[Spot]] = {}

    def of(self, entry: Entry) -> Spot | None:
        """Return the spot that a request names; None without region, topic or name."""
        if not entry.region or not entry.topic:
            return None
        places = mentions(entry, self._extractor).places
        for kind in _KINDS:
            for found, name in places:
                if found == kind:
                    return Spot(entry.region, entry.topic, kind, name)
        return None

    def heard_of(self, entry: Entry) -> Spot | None:
        """Return the spot of a storm of the same region and topic that a call names for short.

        海棠那边 is 海棠家园 while there is a storm; out of one, a short form says too little.
        """
        text = f"{entry.title}\n{entry.detail[:HEARD]}"
        for spot in self._of_topic.get((entry.region, entry.topic), ()):
            if spot in self._storms and spot.name[:STEM] in text:
                return spot
        return None

    def storm_at(self, spot: Spot) -> str:
        """Return the event whose storm is at a spot; "" for none."""
        return self._storms.get(spot, "")

    def note(self, event_id: str, told: Told, counters: Counters, at: datetime | None) -> None:
        """Note that an event is a storm, if it is one, at the spot that most of its calls name."""
        spot = told.main()
        if at is None or spot is None or calls_lately(counters, at) < STORM_CALLS:
            return
        if spot in self._storms:
            return
        self._storms[spot] = event_id
        alike = self._of_topic.setdefault((spot.region, spot.topic), [])
        self._of_topic[spot.region, spot.topic] = [spot, *alike][:ALIKE]
        if len(self._storms) > self._most:
            self._leave(self._storms.popitem(last=False)[0])

    def end(self, spot: Spot) -> None:
        """Note that there is no storm at a spot any longer: its event is not live."""
        if self._storms.pop(spot, None) is not None:
            self._leave(spot)

    def _leave(self, spot: Spot) -> None:
        alike = [one for one in self._of_topic.pop((spot.region, spot.topic), []) if one != spot]
        if alike:
            self._of_topic[spot.region, spot.topic] = alike


def calls_lately(counters: Counters, at: datetime) -> int:
    """Return the calls of the hour that runs and of the one before."""
    hour = hour_of(at)
    return counters.hours.get(hour, 0) + counters.hours.get(hour - 1, 0)
