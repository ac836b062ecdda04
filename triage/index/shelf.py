"""Records of orders on disk, found by id: whatever is worth keeping beside the index, as bytes.

A shelf holds packs, one folder each, that are never changed once renamed into place; the newest
that has an id counts. Records are read, not mapped: they take room on the disk and in the pages
that the system keeps of it, none in a process. What a record means is not known here, and one that
is missing or damaged is simply not found: whoever asks makes it again.
"""

from __future__ import annotations

import json
import logging
import os
import re
import weakref
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.files import sha256
from triage.index.manifest import Mark

SCHEMA = 1
RECORDS, IDS, PLACES, MANIFEST = "records.bin", "ids.npy", "places.npy", "manifest.json"
LENGTH_BITS = 24
"""Bits of a place that are the length of a record: 16 MB, where 1 TB of them can lie before it."""
_CRC = 4
_NAME = re.compile(r"[0-9]+-[0-9]+")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PackFacts:
    """One pack: `count` orders that came up to `mark`; `size` in bytes of all records.

    `files` are the sha256 of what is mapped.
    """

    mark: Mark
    count: int
    size: int
    files: dict[str, str]

    def to_json(self) -> bytes:
        """Return what a manifest says."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, indent=2).encode()

    @classmethod
    def read(cls, folder: Path) -> PackFacts:
        """Read what `to_json` wrote; OSError, KeyError, TypeError, ValueError if it is not it."""
        said = json.loads((folder / MANIFEST).read_text("utf-8"))
        if said.pop("schema") != SCHEMA:
            raise ValueError("another schema")
        return cls(**{**said, "mark": Mark(**said["mark"])})


class Pack:
    """One opened pack; safe for threads."""

    def __init__(self, folder: Path) -> None:
        """Open a pack; OSError, KeyError, TypeError, ValueError where it is damaged."""
        self.folder, self.facts = folder, PackFacts.read(folder)
        for name, told in self.facts.files.items():
            if sha256(folder / name) != told:
                raise ValueError(f"{name} was changed")
        self.ids: NDArray[np.bytes_] = np.load(folder / IDS, mmap_mode="r").view(np.ndarray)
        self._places: NDArray[np.uint64] = np.load(folder / PLACES, mmap_mode="r").view(np.ndarray)
        self._file = os.open(folder / RECORDS, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)
        if os.fstat(self._file).st_size != self.facts.size:
            raise ValueError(f"{RECORDS} was cut short")

    def find(self, ids: NDArray[np.bytes_]) -> list[bytes | None]:
        """Return the record of each id, None for one that is not here or is damaged."""
        if not len(self.ids):
            return [None] * len(ids)
        rows = np.searchsorted(self.ids, ids)
        rows[rows == len(self.ids)] = 0
        is_here = (self.ids[rows] == ids).tolist()
        places = self._places[rows].tolist()
        return [
            self._read(place) if here else None for place, here in zip(places, is_here, strict=True)
        ]

    def __iter__(self) -> Iterator[tuple[bytes, bytes | None]]:
        """Yield all ids and their records."""
        for one, place in zip(self.ids, self._places, strict=True):
            yield bytes(one), self._read(int(place))

    def _read(self, place: int) -> bytes | None:
        found = os.pread(self._file, place & ((1 << LENGTH_BITS) - 1), place >> LENGTH_BITS)
        record = found[_CRC:]
        is_sound = zlib.crc32(record) == int.from_bytes(found[:_CRC], "little")
        return record if is_sound else None


class Shelf:
    """The packs that were there when it was opened, newest first."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self.packs = tuple(packs)

    def __len__(self) -> int:
        """Return how many records there are; one that was replaced counts twice."""
        return sum(pack.facts.count for pack in self.packs)

    @property
    def mark(self) -> Mark:
        """How far in the ledger it reaches."""
        return self.packs[0].facts.mark if self.packs else Mark()

    def find(self, ids: Sequence[str]) -> list[bytes | None]:
        """Return the record of each id, None for one that has none."""
        found: list[bytes | None] = [None] * len(ids)
        wanted = list(enumerate(one.encode() for one in ids))
        for pack in self.packs:
            if not wanted:
                break
            records = pack.find(np.array([one for _, one in wanted], np.bytes_))
            for (place, _), record in zip(wanted, records, strict=True):
                found[place] = record
            wanted = [pair for pair in wanted if found[pair[0]] is None]
        return found


def packs_in(folder: Path) -> list[Path]:
    """Return all finished packs of a shelf, newest first; damaged ones too."""
    if not folder.is_dir():
        return []
    found = [one for one in folder.iterdir() if _NAME.fullmatch(one.name)]
    return sorted(found, key=lambda one: int(one.name.rpartition("-")[2]), reverse=True)


def open_shelf(folder: Path) -> Shelf:
    """Open the sound packs of a shelf; a damaged one is left out, and logged."""
    found = []
    for path in packs_in(folder):
        try:
            found.append(Pack(path))
        except (OSError, KeyError, TypeError, ValueError) as error:
            logger.error("pack refused (%s): %s", type(error).__name__, path)
    return Shelf(found)
