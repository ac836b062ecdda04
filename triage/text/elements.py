"""Extract place, time, object and demand from a masked request, and say which are missing.

Rules and word lists, no model to load: one scan of the text finds the words, four readers decide
what they mean. Offsets are characters of the text that was given. Nothing is resolved to a code, a
calendar day or a topic here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from triage.request import Elements
from triage.text.demand import find_demand
from triage.text.element_words import ElementWords, PlaceHit, load_cues, load_objects
from triage.text.object_model import ObjectModel
from triage.text.objects import Span, candidates, find_objects
from triage.text.places import find_places, place_words
from triage.text.times import find_times

WANTED = ("place", "time", "object", "demand")
"""The four elements that a dispatchable request has, in the order in which they are asked for."""
_IN_TEXT_ORDER = itemgetter(1, 2, 0)


class ElementSpan(NamedTuple):
    """Where an element stands; a tuple because half a dozen are made a request.

    `type` is one of WANTED, or place.district, place.township, place.community, place.road,
    place.estate; offsets in characters, `end` exclusive.
    """

    type: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """The elements as text, and every span they were taken from, in text order."""

    elements: Elements
    spans: tuple[ElementSpan, ...]


class ElementExtractor:
    """Finds elements; built once from a catalogue's place names, then shared between threads."""

    def __init__(self, place_names: Iterable[tuple[str, str]]) -> None:
        """Take (kind, name) pairs as `Catalogue.place_names` yields them."""
        self.words = ElementWords(place_words(place_names), load_objects(), load_cues())
        self._objects = ObjectModel.load()

    def extract(self, text: str) -> Found:
        """Return what is found in `text`; all four are missing where it is empty."""
        hits = self.words.scan(text)
        places, parts = find_places(text, hits.places)
        demand = find_demand(text, hits.cues)
        objects = find_objects(self._objects, text, candidates(text, hits.objects, places, demand))
        found = {
            "place": places,
            "time": find_times(text, demand),
            "object": objects,
            "demand": [demand] if demand else [],
        }
        return Found(_elements(text, found, parts), _spans(found, parts))


def _elements(text: str, found: dict[str, list[Span]], parts: list[PlaceHit]) -> Elements:
    """Take the best span of each: the place with a district or township in it, else the first."""
    best = {kind: text[spans[0][0] : spans[0][1]] for kind, spans in found.items() if spans}
    named = [part for part in parts if part[2] in {"district", "township"}]
    if named:
        start, end = next(p for p in found["place"] if p[0] <= named[0][0] < p[1])
        best["place"] = text[start:end]
    return Elements(
        place=best.get("place"),
        time=best.get("time"),
        object=best.get("object"),
        demand=best.get("demand"),
        missing=tuple(kind for kind in WANTED if kind not in best),
    )


def _spans(found: dict[str, list[Span]], parts: list[PlaceHit]) -> tuple[ElementSpan, ...]:
    spans = [ElementSpan(kind, start, end) for kind, many in found.items() for start, end in many]
    spans += [ElementSpan(f"place.{kind}", start, end) for start, end, kind in parts]
    spans.sort(key=_IN_TEXT_ORDER)
    return tuple(spans)
