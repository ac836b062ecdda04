"""Entries of the dispatch catalogue that one more fact would bring into force.

An entry is near when its topic is the request's and all but one of the groups of words that its
condition needs stand in the text. Whether it then governs, the pipeline is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from triage.catalogue import Catalogue
from triage.catalogue.condition import Groups
from triage.catalogue.duties import Duty, covered
from triage.model.features import Document
from triage.steps.draft import Draft


@dataclass(frozen=True, slots=True)
class Near:
    """An entry, the word that its condition lacks in the text, and how many groups it has there."""

    duty: Duty
    word: str
    held: int


class NearDuties:
    """The entries of a catalogue by topic; conditions are parsed once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._duties = catalogue.duties
        self._of_topic = lru_cache(maxsize=None)(self._rows)

    def near(self, draft: Draft) -> list[Near]:
        """Return the near entries of the first topic, the most specific first."""
        if not draft.topics:
            return []
        text = _text(draft.document)
        found = []
        for duty, groups, unless in self._of_topic(draft.topics[0].code):
            if duty.region or not duty.valid.contains(draft.as_of):
                continue
            lacking = [group for group in groups if not any(word in text for word in group)]
            if len(lacking) == 1 and len(groups) > 1 and not any(word in text for word in unless):
                found.append(Near(duty, lacking[0][0], len(groups) - 1))
        return sorted(found, key=lambda near: -near.held)

    def _rows(self, topic: str) -> list[tuple[Duty, Groups, tuple[str, ...]]]:
        return [
            (duty, self._duties.when(duty), self._duties.unless(duty))
            for duty in self._duties.entries
            if not duty.is_default and covered(duty.topics, (topic,))
        ]


def _text(document: Document) -> str:
    return f"{document.title}。{document.text}".lower()
