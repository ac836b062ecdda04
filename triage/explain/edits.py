"""Edits of a request's masked title and text: take spans out, put words in. Knows no model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from triage.model.features import Document

TITLE, TEXT = "title", "text"
_STOPS = "。！？!?；;…"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Characters [start, end) of one field of a document."""

    field: str
    start: int
    end: int


def places_of(document: Document, words: str) -> tuple[Place, ...]:
    """Return every place of `words` in title and text, in text order; one walk over each.

    All of them: with one left in the text the decision often stays, and the words look idle.
    """
    found: list[Place] = []
    for field in (TITLE, TEXT):
        text = getattr(document, field)
        start = text.find(words)
        while start >= 0:
            found.append(Place(field, start, start + len(words)))
            start = text.find(words, start + len(words))
    return tuple(found)


def without(document: Document, places: Iterable[Place]) -> Document:
    """Return the document with the places taken out; they may touch or overlap."""
    return _edited(document, places, "")


def replaced(document: Document, places: Iterable[Place], words: str) -> Document:
    """Return the document with `words` in the first place of the text and the others taken out.

    Where no place lies in the text the words become its last sentence.
    """
    places = list(places)
    if not any(place.field == TEXT for place in places):
        return with_sentence(without(document, places), words)
    return _edited(document, places, words)


def with_sentence(document: Document, sentence: str) -> Document:
    """Return the document with one more sentence at the end of its text."""
    text = document.text.rstrip()
    joint = "" if not text or text[-1] in _STOPS else "。"
    return Document(document.title, f"{text}{joint}{sentence}")


def _edited(document: Document, places: Iterable[Place], words: str) -> Document:
    ordered = sorted(places)
    return Document(
        _cut(document.title, [p for p in ordered if p.field == TITLE], ""),
        _cut(document.text, [p for p in ordered if p.field == TEXT], words),
    )


def _cut(text: str, places: list[Place], words: str) -> str:
    if not places:
        return text
    parts: list[str] = []
    last = 0
    for index, place in enumerate(places):
        parts += (text[last : place.start], words if index == 0 else "")
        last = max(last, place.end)
    parts.append(text[last:])
    return "".join(parts)
