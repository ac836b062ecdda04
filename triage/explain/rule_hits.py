"""Where the rules that decided hit the text: every place, so that without them none is left.

A rule reports its first hit only. So what was hit is blotted out, length for length, and the rules
look again, until none of them says the same.
"""

from __future__ import annotations

from collections.abc import Callable

from triage.explain.edits import TEXT, TITLE, Place
from triage.explain.evidence import Wording
from triage.model.features import Document
from triage.steps.rules import Match, scan_request

LOOKS = 6
_BLOT = "□"

Speaks = Callable[[Match], bool]


def hits(document: Document, speaks: Speaks) -> tuple[Wording, ...]:
    """Return the wordings at which a rule that `speaks` holds, in text order; () for none."""
    title, text = document.title, document.text
    places: dict[Place, None] = {}
    for _ in range(LOOKS):
        matches, offset = scan_request(text, title)
        found = [
            place
            for match in matches
            if speaks(match)
            for span in match.spans
            if (place := _place(*span, offset)) is not None and place not in places
        ]
        if not found:
            break
        places |= dict.fromkeys(found)
        title = _blotted(title, [place for place in found if place.field == TITLE])
        text = _blotted(text, [place for place in found if place.field == TEXT])
    by_words: dict[str, list[Place]] = {}
    for place in sorted(places, key=lambda p: (p.field != TITLE, p.start)):
        words = getattr(document, place.field)[place.start : place.end]
        by_words.setdefault(words, []).append(place)
    return tuple(Wording(words, tuple(found)) for words, found in by_words.items())


def _place(start: int, end: int, offset: int) -> Place | None:
    """Return the place of a span of title and text read as one; None over their joint."""
    if start >= offset:
        return Place(TEXT, start - offset, end - offset)
    return Place(TITLE, start, end) if end < offset else None


def _blotted(text: str, places: list[Place]) -> str:
    for place in places:
        text = text[: place.start] + _BLOT * (place.end - place.start) + text[place.end :]
    return text
