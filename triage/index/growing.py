"""A new snapshot in the making: the one before, what was added and removed since, made one.

Vectors and pairs wait in files, so that ten million need no memory. Those of the one before are
read of its codes; lists are trained anew only when the orders have doubled, the scale never.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import faiss
import numpy as np

from triage.index.codes import Scale
from triage.index.found import Floats, Printed, Rows
from triage.index.kinds import TRAINED_ON, lists_of, probes_of, trained
from triage.index.manifest import (
    CODES,
    IDS,
    PAIR_COUNTS,
    SCALE,
    VECTORS,
    Facts,
    Mark,
)
from triage.index.pair_spool import PairSpool
from triage.index.pairs import Rarity
from triage.index.segment import Segment
from triage.index.sources import Kept, Spooled

_SPOOL, _PAIRS = "spool.f16", "spool.u32"
_ASKED, _SCALED_ON = 100, 20_000
_CHUNK = 50_000
"""Vectors in memory at once: 51 MB of 256 float32."""
_SEED = 5
"""Which vectors are trained on; any will do, but always the same."""


class Growing:
    """Collects what is new, then writes the whole into `folder`; one thread, one use."""

    def __init__(self, folder: Path, before: Segment | None, dimensions: int) -> None:
        self._folder, self._before, self._dimensions = folder, before, dimensions
        self._rarity = before.rarity() if before else Rarity()
        self._places: dict[str, int] = {}
        self._spooled = 0
        self._gone: set[str] = set()
        self._pairs = PairSpool(folder / _PAIRS)
        self._spool = (folder / _SPOOL).open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pairs.close()
        self._spool.close()
        (self._folder / _SPOOL).unlink(missing_ok=True)

    def __len__(self) -> int:
        """Return about how many orders there will be; exactly 0 where none is left.

        An id that is replaced counts twice, one of before that was taken out counts still.
        """
        before = len(self._before) if self._before else 0
        if not self._places and len(self._gone) >= before and not len(self._kept().ids):
            return 0
        return before + len(self._places)

    def add(self, printed: Printed) -> None:
        """Add orders; one whose id is known is replaced."""
        self._spool.write(printed.vectors.astype(np.float16).tobytes())
        for one, pairs in zip(printed.ids, printed.pairs, strict=True):
            self._rarity.count(pairs)
            self._pairs.add(self._rarity.rarest(pairs))
            self._places[one] = self._spooled
            self._gone.discard(one)
            self._spooled += 1

    def remove(self, ids: Sequence[str]) -> None:
        """Take orders out, old and new."""
        for one in ids:
            self._places.pop(one, None)
            self._gone.add(one)

    def finish(self, encoder: str, mark: Mark) -> Facts:
        """Write all files but the manifest; return what it is to say.

        Raises
        ------
        ValueError
            There is no order to index: `len` is 0.
        """
        self._spool.flush()
        old = self._kept()
        new = Spooled(self._folder / _SPOOL, self._places, self._spooled, self._dimensions)
        ids = np.concatenate([old.ids, new.ids])
        if not len(ids):
            raise ValueError("no orders: there is nothing to train lists on")
        order = np.argsort(ids, kind="stable")
        rows = np.empty(len(ids), np.int64)
        rows[order] = np.arange(len(ids))
        np.save(self._folder / IDS, ids[order])
        self._pairs.write_lists(self._folder, old, new.numbers, rows)
        np.save(self._folder / PAIR_COUNTS, self._rarity.counts)
        trained_on, probes = self._write_vectors(old, new, rows)
        seen = self._rarity.orders
        return Facts(encoder, mark, len(ids), self._dimensions, trained_on, probes, seen)

    def _kept(self) -> Kept:
        return Kept(self._before, {*self._places, *self._gone})

    def _write_vectors(self, old: Kept, new: Spooled, rows: Rows) -> tuple[int, int]:
        """Return on how many orders the lists were trained, and how many a search reads."""
        before = self._before.facts if self._before else None
        count = len(rows)
        if self._before is None or before is None or count > 2 * before.trained_on:
            trained_on, probes = count, 0
            index = trained(count, _sample(old, new, lists_of(count) * TRAINED_ON))
        else:
            trained_on, probes = before.trained_on, before.probes
            index = self._before.empty()
        scale = (
            self._before.codes.scale if self._before else Scale.of(_sample(old, new, _SCALED_ON))
        )
        np.save(self._folder / SCALE, scale.rows())
        shape = (count, self._dimensions)
        codes = np.lib.format.open_memmap(self._folder / CODES, "w+", np.uint8, shape)
        for some in _chunks(count):
            vectors = _both(old, new, some)
            index.add_with_ids(vectors, rows[some])
            codes[rows[some]] = scale.coded(vectors)
        codes.flush()
        probes = probes or probes_of(index, _sample(old, new, _ASKED))
        faiss.write_index(index, str(self._folder / VECTORS))
        return trained_on, probes


def _sample(old: Kept, new: Spooled, most: int) -> Floats:
    """Return vectors of old and new orders by lot, each order as likely as any other."""
    count = len(old.ids) + len(new.ids)
    return _both(old, new, np.random.default_rng(_SEED).permutation(count)[:most])


def _both(old: Kept, new: Spooled, numbers: Rows) -> Floats:
    """Return vectors by number; those of the new orders follow the old ones."""
    kept = len(old.ids)
    found = np.empty((len(numbers), new.width), np.float32)
    is_old = numbers < kept
    if is_old.any():
        found[is_old] = old.vectors(numbers[is_old])
    found[~is_old] = new.vectors(numbers[~is_old] - kept)
    return found


def _chunks(count: int) -> Iterator[Rows]:
    for start in range(0, count, _CHUNK):
        yield np.arange(start, min(start + _CHUNK, count))
