"""The code lists of one city, loaded whole, checked and frozen.

A catalogue is a value: it names its version (edition and content hash) so that every prediction can
say which lists made it. Loading refuses a folder that contradicts itself; nothing is half loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar
from weakref import WeakValueDictionary

from triage.catalogue.bodies import Bodies, BodyEntry
from triage.catalogue.boundaries import Boundary
from triage.catalogue.check import folder_problems
from triage.catalogue.condition import parse_objects
from triage.catalogue.duties import Duties, Duty
from triage.catalogue.entries import (
    AcceptanceEntry,
    CodeEntry,
    Entry,
    TopicEntry,
    UnitEntry,
    UrgencyEntry,
    build_entry,
    entry_json,
)
from triage.catalogue.folder import Folder, Identity, read_folder, shipped_folder
from triage.catalogue.places import Places, Region, Township
from triage.catalogue.problems import refuse
from triage.catalogue.quarantine import LISTS_OF_FIELDS, UnknownCode, Vocabulary
from triage.catalogue.schema import DISPATCH_LISTS, LISTS
from triage.request import Json

EntryT = TypeVar("EntryT", bound=Entry)
HASH_LENGTH = 8
PLACE_LISTS = ("regions", "townships")


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Catalogue:
    """All lists of a folder. A mapping holds the last entry of each code, retired ones included.

    `histories` holds every entry by list; `in_force` answers for a day. `boards` is keyed by code,
    while a topic names its board by the board's name, as the published contract does.
    """

    folder: Path
    identity: Identity
    digest: str
    topics: Mapping[str, TopicEntry]
    units: Mapping[str, UnitEntry]
    request_types: Mapping[str, CodeEntry]
    urgency_levels: Mapping[int, UrgencyEntry]
    flags: Mapping[str, CodeEntry]
    risk_flags: Mapping[str, CodeEntry]
    reject_reasons: Mapping[str, CodeEntry]
    channels: Mapping[str, CodeEntry]
    boards: Mapping[str, CodeEntry]
    acceptance: Mapping[str, AcceptanceEntry]
    histories: Mapping[str, tuple[Entry, ...]]
    places: Places
    vocabulary: Vocabulary
    duties: Duties
    bodies: Bodies
    boundaries: tuple[Boundary, ...]
    unit_words: Mapping[str, tuple[str, ...]]

    @classmethod
    def load(cls, folder: Path | None = None) -> Catalogue:
        """Load a folder of lists; None loads those that come with the package.

        While somebody holds a catalogue of the same contents, that one is returned.

        Raises
        ------
        CatalogueError
            Where the folder is missing or unsound; the message lists problems by file and row.
        """
        read = read_folder(shipped_folder() if folder is None else Path(folder))
        held = _HELD.get((read.path, read.digest))
        if held is not None:
            return held
        problems = folder_problems(read)
        if problems:
            raise refuse(f"代码表 {read.path} ", problems)
        return _HELD.setdefault((read.path, read.digest), cls._from(read))

    @classmethod
    def _from(cls, read: Folder) -> Catalogue:
        histories = {
            spec.name: tuple(build_entry(spec.name, row) for row in read.tables[spec.name])
            for spec in LISTS
            if spec.name not in (*PLACE_LISTS, *DISPATCH_LISTS)
        }
        places = Places(
            map(Region.from_row, read.tables["regions"]),
            map(Township.from_row, read.tables["townships"]),
        )
        regions, townships = places.labels()
        urgency = _last(histories["urgency_levels"], UrgencyEntry)
        return cls(
            folder=read.path,
            identity=read.identity,
            digest=read.digest,
            topics=_last(histories["topics"], TopicEntry),
            units=_last(histories["units"], UnitEntry),
            request_types=_last(histories["request_types"], CodeEntry),
            urgency_levels=MappingProxyType({entry.level: entry for entry in urgency.values()}),
            flags=_last(histories["flags"], CodeEntry),
            risk_flags=_last(histories["risk_flags"], CodeEntry),
            reject_reasons=_last(histories["reject_reasons"], CodeEntry),
            channels=_last(histories["channels"], CodeEntry),
            boards=_last(histories["boards"], CodeEntry),
            acceptance=_last(histories["acceptance"], AcceptanceEntry),
            histories=MappingProxyType(histories),
            places=places,
            vocabulary=Vocabulary(histories, regions=regions, townships=townships),
            duties=Duties(
                tuple(map(Duty.from_row, read.tables["duties"])),
                parse_objects(read.tables["objects"]),
            ),
            bodies=Bodies(map(BodyEntry.from_row, read.tables["bodies"])),
            boundaries=tuple(map(Boundary.from_row, read.tables["boundaries"])),
            unit_words=MappingProxyType(parse_objects(read.tables["unit_words"])),
        )

    @property
    def version(self) -> str:
        """Identity, edition and content hash, such as `chongqing-2026.1+0a1b2c3d`."""
        return f"{self.identity.id}-{self.identity.version}+{self.digest[:HASH_LENGTH]}"

    def in_force(self, list_name: str, as_of: date) -> tuple[Entry, ...]:
        """Return the entries of a list (`topics`, `units` …) that are in force on that day."""
        return tuple(entry for entry in self.histories[list_name] if entry.valid.contains(as_of))

    def district_of(
        self,
        township: str,
        *,
        as_of: date,
        known_on: date | None = None,
        district: str | None = None,
    ) -> Region | None:
        """See `Places.district_of`."""
        return self.places.district_of(township, as_of=as_of, known_on=known_on, district=district)

    def townships_named(
        self, name: str, as_of: date, known_on: date | None = None
    ) -> tuple[Township, ...]:
        """See `Places.townships_named`."""
        return self.places.townships_named(name, as_of, known_on)

    def districts(self, as_of: date) -> tuple[Region, ...]:
        """Return the districts and counties of that day, functional zones left out."""
        return self.places.districts(as_of)

    def successor(
        self, district: str, as_of: date, *, township: str | None = None
    ) -> Region | None:
        """See `Places.successor`."""
        return self.places.successor(district, as_of, township=township)

    def place_names(self) -> Iterable[tuple[str, str]]:
        """See `Places.names`."""
        return self.places.names()

    def unknown_codes(
        self, record: Mapping[str, object], fields: Iterable[str] = tuple(LISTS_OF_FIELDS)
    ) -> list[UnknownCode]:
        """Return the values of `record` that no list knows; see `Vocabulary.unknown`."""
        return self.vocabulary.unknown(record, fields)

    def code_for(self, field: str, value: str) -> str | None:
        """Return the code that a code or name means; see `Vocabulary.code_for`."""
        return self.vocabulary.code_for(field, value)

    def to_json(self) -> dict[str, Json]:
        """Return all lists as published by `GET /v1/catalogue`, rows of the past included."""
        result: dict[str, Json] = {
            "id": self.identity.id,
            "version": self.version,
            "title": self.identity.title,
            "effective": self.identity.effective.isoformat(),
        }
        for name, entries in self.histories.items():
            result[name] = [entry_json(entry) for entry in entries]
        result["regions"] = [entry_json(region) for region in self.places.regions]
        result["townships"] = [entry_json(township) for township in self.places.townships]
        result["objects"] = [
            {"code": code, "words": list(words)} for code, words in self.duties.objects.items()
        ]
        result["duties"] = [entry_json(duty) for duty in self.duties.entries]
        result["bodies"] = [entry_json(body) for body in self.bodies.entries]
        result["boundaries"] = [entry_json(line) for line in self.boundaries]
        return result


_HELD: WeakValueDictionary[tuple[Path, str], Catalogue] = WeakValueDictionary()
"""Catalogues in use, by folder and digest: a worker's model and its desk share one."""


def _last(entries: tuple[Entry, ...], kind: type[EntryT]) -> Mapping[str, EntryT]:
    """Return the entry of each code that comes last in time, in the order of the list."""
    result: dict[str, EntryT] = {}
    for entry in entries:
        if not isinstance(entry, kind):
            raise TypeError(entry)
        known = result.get(entry.code)
        if known is None or known.valid.start < entry.valid.start:
            result[entry.code] = entry
    return MappingProxyType(result)
