"""The live events of storm mode: a bounded number, each with a centre and a few who stand for it.

Kept in one array of vectors, so that the nearest are found in the same time however many calls
came in; the event that was told longest ago makes room. Who belongs together is not decided here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Set
from dataclasses import dataclass, field

import numpy as np

from triage.hot.counters import Counters
from triage.hot.spots import Told
from triage.model.encoder import Floats
from triage.same_event.entry import Entry

LIVE = 4_096
"""Live events, those alone included: the last three hours of a city with 30,000 calls a day."""
NEAREST = 4
"""Events put before the judge."""
STANDING = 3
"""Requests that stand for an event: its first, and the next that were told in other words."""
LEAST_COSINE = 0.15
"""Events farther than this are not put before the judge: unrelated texts lie about 0.1."""
OTHER_WORDS = 0.9
"""Cosine to all that stand for an event from which a telling adds nothing."""
_LEARNING = 32
"""Calls after which a centre moves no faster: it follows, but no call can drag it away."""


@dataclass(slots=True)
class LiveEvent:
    """An event that is being told; `id` is that of its first request.

    One that a person took out of another (`is_apart`) never becomes one with any.
    """

    id: str
    slot: int
    is_apart: bool = False
    standing: list[Entry] = field(default_factory=list)
    vectors: list[Floats] = field(default_factory=list)
    counters: Counters = field(default_factory=Counters)
    spots: Told = field(default_factory=Told)


class LiveEvents:
    """At most `live` events; vectors have `dimensions` and unit length."""

    def __init__(self, live: int, dimensions: int) -> None:
        self._centres = np.zeros((live, dimensions), np.float32)
        self._events: OrderedDict[str, LiveEvent] = OrderedDict()  # the longest untold first
        self._at_slot: list[LiveEvent | None] = [None] * live
        self._free = list(range(live - 1, -1, -1))

    def __iter__(self) -> Iterator[LiveEvent]:
        return iter(self._events.values())

    def get(self, event_id: str) -> LiveEvent | None:
        """Return an event; None for one that made room or never was."""
        return self._events.get(event_id)

    def begin(self, event_id: str) -> LiveEvent:
        """Begin an event; where there are too many, the one longest untold makes room."""
        if not self._free:
            self.forget(next(iter(self._events)))
        event = LiveEvent(event_id, self._free.pop())
        self._events[event_id] = self._at_slot[event.slot] = event
        return event

    def forget(self, event_id: str) -> None:
        """Drop an event; one that is not there is dropped already."""
        event = self._events.pop(event_id, None)
        if event is not None:
            self._centres[event.slot] = 0.0
            self._at_slot[event.slot] = None
            self._free.append(event.slot)

    def nearest(self, vector: Floats) -> list[LiveEvent]:
        """Return the events nearest to a vector, the nearest first, then by id."""
        cosines = self._centres @ vector
        most = min(NEAREST, len(cosines))
        slots = np.argpartition(-cosines, most - 1)[:most]
        found = [(-float(cosines[slot]), event) for slot in slots if (event := self._at_slot[slot])]
        found.sort(key=lambda row: (row[0], row[1].id))
        return [event for far, event in found if -far >= LEAST_COSINE]

    def tell(self, event: LiveEvent, entry: Entry, vector: Floats) -> None:
        """Let a telling stand for an event if its words are others, and move the centre to it."""
        self._stand(event, entry, vector)
        self._move(event, vector, 1.0 / min(event.counters.calls + 1, _LEARNING))

    def count(self, event: LiveEvent, entry: Entry) -> None:
        """Count a telling: the event is now the one told last."""
        event.counters.add(entry.time, entry.region, entry.requester)
        self._events.move_to_end(event.id)

    def absorb(self, kept: LiveEvent, gone: LiveEvent) -> None:
        """Make two events one."""
        for entry, vector in zip(gone.standing, gone.vectors, strict=True):
            self._stand(kept, entry, vector)
        both = max(kept.counters.calls + gone.counters.calls, 1)
        self._move(kept, self._centres[gone.slot], gone.counters.calls / both)
        kept.counters.take_in(gone.counters)
        for spot, n in gone.spots.counts.items():
            kept.spots.counts[spot] += n
        self.forget(gone.id)

    def unstand(self, event: LiveEvent, ids: Set[str]) -> None:
        """Let requests no longer stand for an event; one that nobody stands for is dropped."""
        kept = [place for place, one in enumerate(event.standing) if one.id not in ids]
        event.standing = [event.standing[place] for place in kept]
        event.vectors = [event.vectors[place] for place in kept]
        if not kept:
            self.forget(event.id)

    def _stand(self, event: LiveEvent, entry: Entry, vector: Floats) -> None:
        if len(event.standing) < STANDING and all(
            float(one @ vector) < OTHER_WORDS for one in event.vectors
        ):
            event.standing.append(entry)
            event.vectors.append(vector)

    def _move(self, event: LiveEvent, vector: Floats, share: float) -> None:
        centre = (1 - share) * self._centres[event.slot] + share * vector
        self._centres[event.slot] = centre / max(float(np.sqrt(centre @ centre)), 1e-6)
