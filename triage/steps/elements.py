"""The elements step: place, time, object and demand, and which of them are missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from triage.steps.draft import Draft
from triage.text.elements import ElementExtractor


class ElementsStep:
    """Fill the elements of the request; a district given beside the text is a place."""

    name = "elements"

    def __init__(self, place_names: Iterable[tuple[str, str]]) -> None:
        self._extractor = ElementExtractor(place_names)

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.elements`."""
        found = self._extractor.extract(draft.document.text).elements
        if draft.request.district or draft.request.township:
            missing = tuple(name for name in found.missing if name != "place")
            found = replace(found, missing=missing)
        draft.elements = found
