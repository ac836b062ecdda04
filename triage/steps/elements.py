"""The elements step: place, time, object and demand, and which of them are missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from triage.steps.draft import Draft
from triage.text.elements import ElementExtractor

_NAMED = {"place.district": "district", "place.township": "township"}


class ElementsStep:
    """Fill the elements of the request; a district given beside the text is a place."""

    name = "elements"

    def __init__(self, place_names: Iterable[tuple[str, str]]) -> None:
        self.extractor = ElementExtractor(place_names)

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.elements`."""
        text = draft.document.text
        extracted = self.extractor.extract(text)
        found = extracted.elements
        draft.named = tuple(
            (_NAMED[span.type], text[span.start : span.end])
            for span in extracted.spans
            if span.type in _NAMED
        )
        if draft.request.district or draft.request.township:
            missing = tuple(name for name in found.missing if name != "place")
            found = replace(found, missing=missing)
        draft.elements = found
