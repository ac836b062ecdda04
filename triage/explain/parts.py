"""One of several matters of a request as a text of its own, and its places in the whole text.

The steps judged the matter on that text alone, so what carried its decisions is looked for there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from triage.explain.edits import TEXT, Place
from triage.explain.evidence import Carried, Wording
from triage.model.features import Document
from triage.request import Matter


@dataclass(frozen=True, slots=True)
class Part:
    """The matter at `index` of a request's matters; `spans` are its places in the masked text."""

    index: int
    document: Document
    spans: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, index: int, matter: Matter, document: Document) -> Part:
        """Cut a matter out of the masked document, as `MattersStep` reads it: without the title."""
        text = "".join(document.text[start:end] for start, end in matter.spans)
        return cls(index, Document("", text), matter.spans)

    def in_whole(self, carried: Carried) -> Carried:
        """Return the same wordings at their places in the whole text, `without` left open."""
        found = [
            Wording(wording.text, places, wording.drop)
            for wording in carried.wordings
            if (places := self._places(wording.places))
        ]
        return Carried(tuple(found))

    def _places(self, places: Iterable[Place]) -> tuple[Place, ...]:
        return tuple(whole for place in places if (whole := self._place(place)) is not None)

    def _place(self, place: Place) -> Place | None:
        """Move a place to the whole text; None where two spans meet inside it."""
        passed = 0
        for start, end in self.spans:
            length = end - start
            if passed <= place.start and place.end <= passed + length:
                moved = start - passed
                return Place(TEXT, place.start + moved, place.end + moved)
            passed += length
        return None
