"""A new pack for a shelf: what came since the last one, and the smaller packs before it.

A pack takes in those before it that are no bigger than itself, so a shelf of n orders has about
log2 n packs and a record is copied as often. Written aside and renamed; hold the writer's lock.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zlib
from collections.abc import Collection
from pathlib import Path

import numpy as np

from triage.files import on_disk, sha256
from triage.index.lock import UNFINISHED, unfinished
from triage.index.manifest import Mark
from triage.index.shelf import (
    IDS,
    LENGTH_BITS,
    MANIFEST,
    PLACES,
    RECORDS,
    Pack,
    PackFacts,
    packs_in,
)


class Packing:
    """Collects records, then makes them a pack of `shelf`; one thread, one use."""

    def __init__(self, shelf: Path) -> None:
        shelf.mkdir(parents=True, exist_ok=True)
        self._shelf = shelf
        self._aside = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=shelf))
        self._file = (self._aside / RECORDS).open("wb")
        self._places: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._places)

    def add(self, order_id: bytes, record: bytes) -> None:
        """Add a record; one whose id is known is replaced."""
        start = self._file.tell()
        self._file.write(zlib.crc32(record).to_bytes(4, "little") + record)
        self._places[order_id] = start << LENGTH_BITS | (len(record) + 4)

    def drop(self, gone: Collection[bytes]) -> None:
        """Forget the records of some ids; their bytes are not copied into another pack."""
        for one in gone:
            self._places.pop(one, None)

    def take_in(self, pack: Pack, gone: Collection[bytes]) -> None:
        """Add what an older pack has and this one has not, but nothing of who is gone."""
        for order_id, record in pack:
            if record is not None and order_id not in self._places and order_id not in gone:
                self.add(order_id, record)

    def finish(self, mark: Mark) -> Path:
        """Write the pack into its place, and take those away that it stands for."""
        self._file.flush()
        os.fsync(self._file.fileno())
        ids = np.array(list(self._places) or [b""], np.bytes_)[: len(self._places)]
        order = np.argsort(ids, kind="stable")
        np.save(self._aside / IDS, ids[order])
        places = np.fromiter(self._places.values(), np.uint64, len(self._places))
        np.save(self._aside / PLACES, places[order])
        files = {name: sha256(self._aside / name) for name in (IDS, PLACES)}
        facts = PackFacts(mark, len(ids), self._file.tell(), files)
        (self._aside / MANIFEST).write_bytes(facts.to_json())
        for name in (IDS, PLACES, MANIFEST):
            on_disk(self._aside / name)
        newest = next(iter(packs_in(self._shelf)), None)
        number = 1 + (int(newest.name.rpartition("-")[2]) if newest else 0)
        final = self._shelf / f"{mark.position:012d}-{number:06d}"
        self._aside.rename(final)
        on_disk(self._shelf)
        return final

    def close(self) -> None:
        """Take away what was not finished."""
        self._file.close()
        shutil.rmtree(self._aside, ignore_errors=True)


def clear(shelf: Path, stood_for: Collection[Path]) -> None:
    """Take away packs that a newer one stands for, and what killed writers left.

    A process that still reads one keeps its pages until it lets go.
    """
    for folder in (*stood_for, *unfinished(shelf)):
        shutil.rmtree(folder, ignore_errors=True)
