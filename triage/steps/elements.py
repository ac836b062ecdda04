"""The elements step: place, time, object and demand, and which of them are missing."""

from __future__ import annotations

from collections.abc import Iterable

from triage.steps.draft import Draft
from triage.text.elements import ElementExtractor


class ElementsStep:
    """Fill the elements of the request."""

    name = "elements"

    def __init__(self, place_names: Iterable[tuple[str, str]]) -> None:
        self._extractor = ElementExtractor(place_names)

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.elements`."""
        draft.elements = self._extractor.extract(draft.document.text).elements
