"""Find the codes of an incoming record that no list knows, so that the record can wait aside.

A value may be a code or a Chinese name; a code of the past is known. Nothing is rejected here: the
caller decides what quarantine means, and which fields a foreign label set must not be held to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from triage.catalogue.entries import Entry, split_cell
from triage.catalogue.problems import shorten

LISTS_OF_FIELDS: Mapping[str, str] = {
    "district": "regions",
    "township": "townships",
    "channel": "channels",
    "topic": "topics",
    "topic2": "topics",
    "request_type": "request_types",
    "urgency": "urgency_levels",
    "lead_unit": "units",
    "support_units": "units",
    "flags": "flags",
}
"""The list that each checked field of a record must be found in."""


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """A value that its list does not know; `reason` is for the person who clears the record."""

    field: str
    value: str

    @property
    def reason(self) -> str:
        """Say what is wrong and what to do."""
        file = f"{LISTS_OF_FIELDS[self.field]}.csv"
        return f"{self.field} 的值“{shorten(self.value)}”不在代码表 {file} 中；请改正，或先登记代码"


class Vocabulary:
    """The codes and names of each list, as one look-up from label to code."""

    def __init__(
        self,
        entries: Mapping[str, Iterable[Entry]],
        *,
        regions: frozenset[str],
        townships: frozenset[str],
    ) -> None:
        self._codes = {name: _labels(rows) for name, rows in entries.items()}
        self._places = {"regions": regions, "townships": townships}

    def code_for(self, field: str, value: str) -> str | None:
        """Return the code that `value` (a code or an unambiguous name) means, or None.

        Raises
        ------
        ValueError
            For a field that has no list of plain codes.
        """
        codes = self._codes.get(LISTS_OF_FIELDS.get(field, ""))
        if codes is None:
            raise ValueError(field)
        return codes.get(value.strip())

    def unknown(
        self, record: Mapping[str, object], fields: Iterable[str] = tuple(LISTS_OF_FIELDS)
    ) -> list[UnknownCode]:
        """Return the unknown values of `record`; an absent, None or empty field is not unknown."""
        return [
            UnknownCode(field, value)
            for field in fields
            for value in _values(record.get(field))
            if not self._knows(LISTS_OF_FIELDS[field], value)
        ]

    def _knows(self, name: str, value: str) -> bool:
        place = self._places.get(name)
        return value in (self._codes[name] if place is None else place)


def _labels(entries: Iterable[Entry]) -> dict[str, str]:
    """Map names, then codes: a code wins over a name, and a name of two codes means neither."""
    rows = list(entries)
    names: dict[str, set[str]] = {}
    for row in rows:
        names.setdefault(row.name, set()).add(row.code)
    unique = {name: min(codes) for name, codes in names.items() if len(codes) == 1}
    return unique | {row.code: row.code for row in rows}


def _values(value: object) -> list[str]:
    """Return what a field holds as texts; a `;` separates, a whole number counts as its digits."""
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return list(split_cell(value))
    if isinstance(value, list | tuple):
        return [text for item in value for text in _values(item)]
    return [str(value)]
