"""Code lists as intake needs them: one question, so that any source of codes can answer it."""

from __future__ import annotations

from typing import Protocol

from triage.catalogue import Catalogue

CODED_FIELDS = ("request_type", "urgency", "flags", "channel", "district", "township")
"""Always checked."""

STRICT_FIELDS = ("topic", "topic2", "lead_unit", "support_units")
"""Checked only on request: a city may bring its own topics and units."""

_PLACES = frozenset({"district", "township"})


class CodeLists(Protocol):
    """What intake asks of the code lists."""

    def resolve(self, field: str, value: str) -> str | None:
        """Return the code of a code or a name; None when the list of that field lacks it."""


class CatalogueCodes:
    """The answers of a catalogue. Places keep the name they were given: it depends on the day."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def resolve(self, field: str, value: str) -> str | None:
        """Return the code of a code or a name, letter case and a final 类 (投诉类) aside."""
        if field in _PLACES:
            return None if self._catalogue.unknown_codes({field: value}, (field,)) else value
        for name in (value, value.upper(), value.removesuffix("类")):
            code = self._catalogue.code_for(field, name)
            if code is not None:
                return code
        return None
