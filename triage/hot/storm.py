"""Storm mode: say of each request as it comes in which live event it tells of, in constant time.

Leader clustering (Hartigan 1975): the nearest few of a bounded number of live events, by vector,
are put before the judge with a few requests that stand for each; what fits none begins its own.
Two events that several calls fit alike are put before the judge, and may become one; in a storm
the named spot counts for more than the words (`spots`). Cost depends on the bounds alone, never on
how many calls came in. Nothing is stored here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from hashlib import blake2b

from triage.hot.fillers import tells_something
from triage.hot.live import LIVE, LiveEvent, LiveEvents
from triage.hot.spots import Spot, Spots
from triage.model.encoder import Encoder, Floats
from triage.same_event.elsewhere import for_groups
from triage.same_event.entry import Entry
from triage.same_event.groups import AGAINST, is_contradiction
from triage.same_event.judgement import Judge, Judgement
from triage.text.elements import ElementExtractor

BRIDGES = 3
"""Calls that fit two events before the judge is asked about the two: no single call joins them."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """Where a request belongs; `probability` is 1.0 for a copy and for what begins an event.

    `absorbed` is the event that became one with `event_id` at this moment, "" for none.
    """

    event_id: str
    is_new: bool
    is_copy: bool
    probability: float
    absorbed: str = ""


class Storm:
    """Assigns requests to live events. One caller at a time.

    Parameters
    ----------
    encoder : gives vectors of unit length
    threshold : least mean probability of one event, in (0, 1], with those that stand for it
    live : how many live events are kept
    extractor : reads the spots that calls name; None leaves them out
    """

    def __init__(
        self,
        encoder: Encoder,
        judge: Judge,
        *,
        threshold: float,
        live: int = LIVE,
        extractor: ElementExtractor | None = None,
    ) -> None:
        self._encoder, self._judge, self._threshold = encoder, judge, threshold
        self._live = LiveEvents(live, encoder.encode([]).shape[1])
        self._most = live
        self._spots = Spots(extractor, live) if extractor is not None else None
        self._copies: OrderedDict[bytes, str] = OrderedDict()
        self._bridges: OrderedDict[tuple[str, str], int] = OrderedDict()

    def take(self, entry: Entry) -> Assigned:
        """Assign one request and count it; one that says nothing is an event that nobody joins."""
        event = self._live.get(self._copies.get(_print(entry), ""))
        if not tells_something(f"{entry.title}，{entry.detail}"):
            return Assigned(entry.id, is_new=True, is_copy=False, probability=1.0)
        if event is not None:
            assigned = Assigned(event.id, is_new=False, is_copy=True, probability=1.0)
        else:
            vector = self._encoder.encode([entry.text])[0]
            event, assigned = self._at_spot(entry, *self._find(entry, vector))
            self._live.tell(event, entry, vector)
        self._remember(entry, event)
        self._live.count(event, entry)
        return assigned

    def put(self, event_id: str, entry: Entry, *, is_apart: bool = False) -> None:
        """Place a request in an event that was decided before, after a start or by a person."""
        event = self._live.get(event_id) or self._live.begin(event_id)
        event.is_apart = is_apart or event.is_apart
        self._live.tell(event, entry, self._encoder.encode([entry.text])[0])
        self._remember(entry, event)
        self._live.count(event, entry)

    def take_out(self, event_id: str, entry: Entry) -> None:
        """Let a request no longer stand for an event, because a person took it out."""
        self._copies.pop(_print(entry), None)
        event = self._live.get(event_id)
        if event is not None:
            self._live.unstand(event, {entry.id})

    def forget(self, ids: Set[str]) -> None:
        """Let requests whose words are gone for good stand for no event."""
        for event in list(self._live):
            if any(one.id in ids for one in event.standing):
                self._live.unstand(event, ids)

    def events(self) -> Iterator[LiveEvent]:
        """Give the live events, the longest untold first."""
        return iter(self._live)

    def event(self, event_id: str) -> LiveEvent | None:
        """Return a live event; None for one that made room or never was."""
        return self._live.get(event_id)

    def _find(self, entry: Entry, vector: Floats) -> tuple[LiveEvent, Assigned]:
        near = self._live.nearest(vector)
        asked = [one for event in near for one in event.standing]
        judged = self._judge.judge(entry, asked) if asked else ()
        said = iter([for_groups(verdict) for verdict in judged])
        fits = []
        spot = self._spots.of(entry) if self._spots is not None else None
        for event in near:
            probability = _mean([next(said) for _ in event.standing], self._threshold)
            if probability >= self._threshold and not _is_elsewhere(event, spot):
                fits.append((-probability, event.id, event))
        if not fits:
            return self._live.begin(entry.id), Assigned(entry.id, True, False, 1.0)
        fits.sort()
        best = fits[0][2]
        absorbed = self._bridged(best, fits[1][2]) if len(fits) > 1 else None
        if absorbed is best:
            best = fits[1][2]
        gone = absorbed.id if absorbed is not None else ""
        return best, Assigned(best.id, False, False, -fits[0][0], gone)

    def _at_spot(
        self, entry: Entry, event: LiveEvent, said: Assigned
    ) -> tuple[LiveEvent, Assigned]:
        """Let the named spot decide where a storm is: the call joins it, and so does its event."""
        spots = self._spots
        spot = (spots.of(entry) or spots.heard_of(entry)) if spots is not None else None
        if spots is None or spot is None:
            return event, said
        storm = self._live.get(spots.storm_at(spot))
        if storm is None:
            spots.end(spot)
        event.spots.add(spot)
        spots.note(event.id, event.spots, event.counters, entry.time)
        if storm is None or storm is event or storm.is_apart or event.is_apart or said.absorbed:
            return event, said
        if not said.is_new and event.spots.main() != spot:
            return event, said
        self._live.absorb(storm, event)
        return storm, Assigned(storm.id, False, False, 1.0, "" if said.is_new else event.id)

    def _bridged(self, one: LiveEvent, other: LiveEvent) -> LiveEvent | None:
        """Note that a call fits two events; make them one if they are, return the one absorbed."""
        if one.is_apart or other.is_apart or not _may_be_one(one, other):
            return None
        pair = (min(one.id, other.id), max(one.id, other.id))
        count = self._bridges.pop(pair, 0) + 1
        if count < BRIDGES:
            self._bridges[pair] = count
            if len(self._bridges) > self._most:
                self._bridges.popitem(last=False)
            return None
        if not self._are_one(one, other):
            return None  # three more calls before they are asked about again
        kept, gone = sorted((one, other), key=lambda event: (-event.counters.calls, event.id))
        self._live.absorb(kept, gone)
        return gone

    def _are_one(self, one: LiveEvent, other: LiveEvent) -> bool:
        said = [
            for_groups(verdict)
            for each in one.standing
            for verdict in self._judge.judge(each, other.standing)
        ]
        return _mean(said, self._threshold) >= self._threshold

    def _remember(self, entry: Entry, event: LiveEvent) -> None:
        print_ = _print(entry)
        self._copies[print_] = event.id
        self._copies.move_to_end(print_)
        if len(self._copies) > self._most:
            self._copies.popitem(last=False)


def _may_be_one(one: LiveEvent, other: LiveEvent) -> bool:
    """Say whether two events name one spot, or both none: what names none may be anywhere."""
    main = other.spots.main()
    return (one.spots.main() is None) == (main is None) and not _is_elsewhere(one, main)


def _is_elsewhere(event: LiveEvent, spot: Spot | None) -> bool:
    """Say whether a spot is another than the one that most calls of an event name."""
    main = event.spots.main()
    return spot is not None and main is not None and main.clashes(spot)


def _mean(said: Sequence[Judgement], threshold: float) -> float:
    """Return the mean probability; 0 where half say no or a quarter contradicts, as in `groups`."""
    likely = [verdict.probability for verdict in said]
    against = sum(is_contradiction(one.probability, one.label) for one in said)
    if 2 * sum(one >= threshold for one in likely) <= len(likely) or against >= AGAINST * len(said):
        return 0.0
    return sum(likely) / len(likely)


def _print(entry: Entry) -> bytes:
    """Return what copies have in common: region and words, not who or when."""
    text = f"{entry.region}\n{entry.title}\n{entry.detail}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
