"""One request as hot topics see it: its entry, how urgent, how many agree, where and what about.

Places and objects are words of the masked text, found by rules; an unknown field is empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from triage.same_event.entry import Entry
from triage.text.elements import ElementExtractor

READ = 300
"""Characters in which place and object are looked for: the matter is told first."""
_FINEST = ("estate", "road", "community", "township", "district")
"""Kinds of places, the finest first."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One request. `entry.region` is its district's code or name, `places` the finest first.

    The words of a report (举报) are shown to nobody here: `is_report` keeps them out of titles,
    terms, places and objects; it counts all the same.
    """

    entry: Entry
    urgency: int = 3
    likes: int = 0
    is_report: bool = False
    places: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The request's id."""
        return self.entry.id

    @property
    def at(self) -> datetime | None:
        """When it came in, UTC; None where that is unknown."""
        return self.entry.time.astimezone(UTC) if self.entry.time is not None else None


def read_telling(
    entry: Entry,
    extractor: ElementExtractor,
    *,
    urgency: int = 3,
    likes: int = 0,
    is_report: bool = False,
) -> Telling:
    """Return the telling of an entry; its places and objects are read, the best object first.

    A report (举报) is not read: it has neither.
    """
    if is_report:
        return Telling(entry, urgency, likes, is_report)
    text = f"{entry.title}\n{entry.detail[:READ]}"
    places: dict[str, list[str]] = {kind: [] for kind in _FINEST}
    read = extractor.extract(text)
    objects = [read.elements.object] if read.elements.object else []
    for kind, start, end in read.spans:
        if kind == "object":
            objects.append(text[start:end])
        elif kind.removeprefix("place.") in places:
            places[kind.removeprefix("place.")].append(text[start:end])
    found = tuple(dict.fromkeys(name for kind in _FINEST for name in places[kind]))
    return Telling(entry, urgency, likes, is_report, found, tuple(dict.fromkeys(objects)))
