"""Where the rules that decided hit the text: every place, so that without them none is left.

A rule reports its first hit only. So what was hit is blotted out, length for length, and the rules
look again, until none of them says the same. Words that are still hit after `LOOKS` looks are taken
at every place where they stand, so that a text which repeats them costs only so many looks more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.explain.edits import TEXT, TITLE, Place, places_of
from triage.explain.evidence import Wording
from triage.explain.explanation import NamedRule
from triage.model.features import Document
from triage.steps.rules import Match, as_one, scan_request, sign_book
from triage.steps.safety import is_confirmed

LOOKS = 6
"""Looks at which only the hits themselves are taken, and looks after that which take all places."""
_BLOT = "□"

Speaks = Callable[[Match], bool]
Scan = Callable[[Document], tuple[Sequence[Match], int]]
"""The rules that hold for a document, with the offset of its text in what they read."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What the rules that spoke hit, in text order, and which they were; both () for none."""

    wordings: tuple[Wording, ...] = ()
    rules: tuple[NamedRule, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place of every wording."""
        return tuple(place for wording in self.wordings for place in wording.places)


def by_rules(document: Document) -> tuple[Sequence[Match], int]:
    """Scan with the rules that speak by themselves."""
    return scan_request(document.text, document.title)


def by_signs(chances: Mapping[int, float]) -> Scan:
    """Scan with the signs that the model confirms by its `chances`, P(at least so urgent)."""

    def scan(document: Document) -> tuple[Sequence[Match], int]:
        whole, offset = as_one(document.text, document.title)
        found = sign_book().scan(whole)
        return [match for match in found if is_confirmed(match.rule, chances)], offset

    return scan


def hits(document: Document, speaks: Speaks, scan: Scan = by_rules) -> Hit:
    """Return the wordings at which a rule that `speaks` holds, and the rules."""
    places: dict[Place, None] = {}
    rules: dict[NamedRule, None] = {}
    left = document
    for look in range(2 * LOOKS):
        matches, offset = scan(left)
        speaking = [match for match in matches if speaks(match)]
        spans = [span for match in speaking for span in match.spans]
        found = [place for span in spans if (place := _place(*span, offset)) is not None]
        if look >= LOOKS:
            words = dict.fromkeys(_words(document, place) for place in found)
            found += [place for text in words for place in places_of(left, text)]
        found = [place for place in dict.fromkeys(found) if place not in places]
        if not found:
            break
        rules |= dict.fromkeys(NamedRule(m.rule.id, m.rule.reason) for m in speaking)
        places |= dict.fromkeys(found)
        left = _blotted(left, found)
    by_words: dict[str, list[Place]] = {}
    for place in sorted(places, key=lambda p: (p.field != TITLE, p.start)):
        by_words.setdefault(_words(document, place), []).append(place)
    wordings = tuple(Wording(words, tuple(found)) for words, found in by_words.items())
    return Hit(wordings, tuple(rules))


def _words(document: Document, place: Place) -> str:
    words: str = getattr(document, place.field)[place.start : place.end]
    return words


def _place(start: int, end: int, offset: int) -> Place | None:
    """Return the place of a span of title and text read as one; None over their joint."""
    if start >= offset:
        return Place(TEXT, start - offset, end - offset)
    return Place(TITLE, start, end) if end < offset else None


def _blotted(document: Document, places: Iterable[Place]) -> Document:
    fields = {TITLE: list(document.title), TEXT: list(document.text)}
    for place in places:
        length = place.end - place.start
        fields[place.field][place.start : place.end] = _BLOT * length
    return Document("".join(fields[TITLE]), "".join(fields[TEXT]))
