"""The index of one process, kept level with the ledger: opened, followed, exchanged for a newer.

Whoever asks meanwhile is answered by the index as it is: an exchange is one assignment. A snapshot
that is damaged or another's is left alone, and a new one asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import faiss

from triage.desk.indexing import catch_up, open_sound
from triage.desk.sight import Sight
from triage.errors import TriageError
from triage.index import Hit, OrderIndex, Snapshots
from triage.same_event.entry import Entry
from triage.store.database import Database
from triage.store.index_feed import head_at

MOST_FRESH = 10_000
"""Orders in memory before a new snapshot is asked for, a day of a big city: 10 MB a process, which
a search reads in half a millisecond, and a restart again in seconds."""
MOST_REPLAYED = 100_000
"""Events that a process reads itself when it finds no snapshot; more are left to the builder."""

logger = logging.getLogger(__name__)


class IndexNotReady(TriageError):
    """The index is being read or built; `code` is stable."""

    code = "index_not_ready"


class Neighbours:
    """Orders near to a text; safe to share between threads. One thread calls `follow`.

    Parameters
    ----------
    ask_build
        Told that a new snapshot is wanted, again and again while it is; builds it elsewhere.
    most_fresh
        Orders in memory from which on a new snapshot is wanted.
    """

    def __init__(
        self,
        database: Database,
        snapshots: Snapshots,
        sight: Sight,
        ask_build: Callable[[], None],
        *,
        most_fresh: int = MOST_FRESH,
    ) -> None:
        faiss.omp_set_num_threads(1)  # several workers search at once: no search takes all cores
        self.database, self.sight = database, sight
        self._snapshots, self._ask_build = snapshots, ask_build
        self._most_fresh = most_fresh
        self._index: OrderIndex | None = None
        self._looked = False
        self._seen: Path | None = None

    @property
    def index(self) -> OrderIndex | None:
        """The index that answers now; None while there is none."""
        return self._index

    def near(self, entry: Entry, most: int) -> list[Hit]:
        """Return the orders nearest to an entry, best first.

        Raises
        ------
        IndexNotReady
        """
        index = self._index
        if index is None:
            raise IndexNotReady("相似工单的索引正在读入：请稍后重试")
        prints = self.sight.prints([entry])
        return index.search(prints.vectors[0], prints.pairs[0], most)

    def follow(self) -> int:
        """Read what is new, take over a newer snapshot; return how many orders were read.

        Raises
        ------
        StoreUnavailable
        """
        newest = next(iter(self._snapshots.found()), None)
        if not self._looked or newest != self._seen:
            opened = self._opened(newest)
            self._index = self._index if opened is None else opened
            self._looked, self._seen = True, newest
        if self._index is None:
            self._ask_build()
            return 0
        count = catch_up(self.database, self._index, self.sight)
        if self._index.fresh >= self._most_fresh:
            self._ask_build()
        return count

    def _opened(self, newest: Path | None) -> OrderIndex | None:
        segment = open_sound(self.database, self._snapshots)
        if segment is None:
            with self.database.read() as connection:
                head = head_at(connection)
            if newest is not None:
                self._ask_build()  # it was refused
            if head > MOST_REPLAYED:
                return None
        index = OrderIndex(segment, self.sight.dimensions)
        catch_up(self.database, index, self.sight)
        logger.info("index opened: %d orders, event %d", len(index), index.mark.position)
        return index
