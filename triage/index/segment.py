"""The big segment: a snapshot opened read-only; its codes are mapped, so all processes share them.

Each process has the short product codes of its own: 40 bytes an order, its row number included.
Rows are in the order of the ids, so an id is found by bisection. It never changes; what was removed
since is told to each search.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from triage.index.codes import Codes, Scale
from triage.index.found import Floats, Rows
from triage.index.manifest import (
    CODES,
    IDS,
    PAIR_COUNTS,
    PAIR_ROWS,
    PAIR_STARTS,
    SCALE,
    VECTORS,
    Facts,
    check_files,
    read_manifest,
)
from triage.index.pairs import Rarity
from triage.index.postings import Postings
from triage.index.refusal import IndexRefused

RANKED, ONE_IN = 200, 2_500
"""Candidates that are ranked anew, at least, and one of so many orders: a hundred are enough of a
million (index_speed.json), ten million need thousands (index_10m.json). Some may be removed."""


class Segment:
    """One opened snapshot; safe for threads."""

    def __init__(self, folder: Path, facts: Facts) -> None:
        self.folder = folder
        self.facts = facts
        self.ranked = max(RANKED, facts.count // ONE_IN)
        self._vectors = faiss.read_index(str(folder / VECTORS))
        self._vectors.nprobe = facts.probes
        self.codes = Codes(mapped(folder / CODES), Scale.read(np.load(folder / SCALE)))
        self._ids: NDArray[np.bytes_] = mapped(folder / IDS)
        self.postings = Postings(mapped(folder / PAIR_STARTS), mapped(folder / PAIR_ROWS))
        if not len(self._ids) == self._vectors.ntotal == facts.count:
            raise ValueError(f"{len(self._ids)} ids, not {facts.count}")

    @classmethod
    def open(cls, folder: Path, *, encoder: str, dimensions: int) -> Segment:
        """Open a snapshot once all of it is found sound.

        Raises
        ------
        IndexRefused
            index_missing, index_damaged, index_other_encoder, index_other_version.
        """
        manifest = read_manifest(folder)
        facts = manifest.facts
        if (facts.encoder, facts.dimensions) != (encoder, dimensions):
            raise IndexRefused(
                "index_other_encoder",
                f"索引 {folder} 出自编码器 {facts.encoder}（{facts.dimensions} 维），"
                f"现用 {encoder}（{dimensions} 维）",
            )
        check_files(folder, manifest)
        try:
            return cls(folder, facts)
        except (OSError, RuntimeError, ValueError, OverflowError) as error:  # FAISS: RuntimeError
            raise IndexRefused(
                "index_damaged", f"索引 {folder} 打不开（{type(error).__name__}）"
            ) from error

    def __len__(self) -> int:
        return self.facts.count

    def search(
        self, vector: Floats, most: int, alive: NDArray[np.uint8] | None
    ) -> tuple[Rows, Floats]:
        """Return the nearest rows and their cosines, best first.

        `alive` has a bit for each row, lowest first; None where all are.
        """
        rows = self._vectors.search(vector[None], max(self.ranked, 4 * most))[1][0]
        rows = rows[rows >= 0]
        if alive is not None:
            rows = rows[alive[rows >> 3] >> (rows & 7) & 1 == 1]
        cosines = self.codes.cosines(vector, rows)
        best = np.argsort(-cosines, kind="stable")[:most]
        return rows[best], cosines[best]

    def rows_of(self, ids: Sequence[str]) -> Rows:
        """Return the row of each id, -1 for one that is not here."""
        wanted = np.array([one.encode() for one in ids], np.bytes_)
        places = np.searchsorted(self._ids, wanted)
        inside = np.minimum(places, len(self._ids) - 1)
        return np.where(self._ids[inside] == wanted, inside, -1) if len(ids) else places

    def ids_of(self, rows: Rows) -> list[str]:
        """Return the ids of rows."""
        return [bytes(one).decode() for one in self._ids[rows]]

    @property
    def ids(self) -> NDArray[np.bytes_]:
        """All ids, ascending."""
        return self._ids

    def rarity(self) -> Rarity:
        """Return the counts of pairs: pages are copied only where one goes on counting."""
        return Rarity(np.load(self.folder / PAIR_COUNTS, mmap_mode="c"), self.facts.seen)

    def empty(self) -> faiss.IndexIVFPQFastScan:
        """Return an empty index with the same lists and product codes."""
        index = faiss.read_index(str(self.folder / VECTORS))
        index.reset()
        return index


def mapped(path: Path) -> NDArray[Any]:
    """Map an array from the disk; a plain view of it, for slicing a `memmap` takes ten times it."""
    found: NDArray[Any] = np.load(path, mmap_mode="r").view(np.ndarray)
    return found
