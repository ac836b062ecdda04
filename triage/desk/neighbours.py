"""The index of one process, kept level with the ledger: opened, followed, exchanged for a newer.

Whoever asks meanwhile is answered by the index as it is: an exchange is one assignment. A snapshot
that is damaged or another's is left alone, and a new one asked for. A newly published same-event
model answers from the moment that its index is there, until then the one before does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import faiss

from triage.desk.indexing import LEAST, catch_up, open_sound
from triage.desk.shelving import shelf_folder
from triage.desk.sight import Sight
from triage.errors import TriageError
from triage.index import Hit, OrderIndex, Snapshots
from triage.index.found import Floats
from triage.index.pairs import pairs_of
from triage.index.shelf import Shelf, open_shelf, packs_in
from triage.same_event.entry import Entry
from triage.same_event.judgement import Judgement
from triage.store.database import Database
from triage.store.index_feed import head_at

MOST_FRESH = 10_000
"""Orders in memory before a new snapshot is asked for, a day of a big city: 10 MB a process, which
a search reads in half a millisecond, and a restart again in seconds."""
MOST_REPLAYED = 100_000
"""Events that a process reads itself when it finds no snapshot; more are left to the builder."""

EMPTY = Shelf(())
"""The shelf of a judge that packs nothing, or has packed nothing yet."""

logger = logging.getLogger(__name__)


class IndexNotReady(TriageError):
    """The index is being read or built; `code` is stable."""

    code = "index_not_ready"


@dataclass(frozen=True, slots=True)
class View:
    """An index, the sight that it was made with, and what the judge packed of its orders."""

    sight: Sight
    index: OrderIndex
    shelf: Shelf = EMPTY

    def near(self, entry: Entry, most: int, *, vector: Floats | None = None) -> list[Hit]:
        """Return the orders nearest to an entry, best first; `vector` where it is known."""
        if not len(self.index):
            return []
        if vector is None:
            vector = self.sight.encoder.encode([entry.text])[0]
        return self.index.search(vector, pairs_of(f"{entry.title}\n{entry.detail}"), most)


class Query:
    """A text that is asked for: found and judged by one view, prepared once for both."""

    def __init__(self, view: View, entry: Entry) -> None:
        self._view, self._entry = view, entry
        packer = view.sight.packer
        self._packer = packer
        self._prepared = packer.prepare_once(entry) if packer and len(view.index) else None

    def near(self, most: int) -> list[Hit]:
        """Return the orders nearest to it, best first."""
        vector = None if self._prepared is None else self._prepared.vectors[1]
        return self._view.near(self._entry, most, vector=vector)

    def best(
        self, candidates: Sequence[Entry], most: int, reads: int = 0
    ) -> list[tuple[int, Judgement]]:
        """Return the places of the candidates likeliest to be the same event, best first.

        The likeliest `reads` of them are read closely, some 20 ms each.
        """
        if self._packer is not None and self._prepared is not None:
            packed = self._view.shelf.find([one.id for one in candidates])
            return self._packer.best(self._prepared, candidates, packed, most, reads)
        judged = self._view.sight.judge.judge(self._entry, candidates)
        return sorted(enumerate(judged), key=lambda one: -one[1].probability)[:most]


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
        self.database = database
        self._snapshots, self._wanted, self._ask_build = snapshots, sight, ask_build
        self._most_fresh = most_fresh
        self._view: View | None = None
        self._looked = False
        self._seen: Path | None = None
        self._shelved: tuple[Path, ...] = ()

    @property
    def index(self) -> OrderIndex | None:
        """The index that answers now; None while there is none."""
        return None if self._view is None else self._view.index

    @property
    def sight(self) -> Sight:
        """The sight that answers now, or will."""
        return self._wanted if self._view is None else self._view.sight

    @property
    def is_empty(self) -> bool:
        """There is an index, and nothing in it."""
        return self._view is not None and not len(self._view.index)

    @property
    def view(self) -> View:
        """What answers now: take it once for each question.

        Raises
        ------
        IndexNotReady
        """
        view = self._view
        if view is None:
            raise IndexNotReady("相似工单的索引正在读入：请稍后重试")
        return view

    def near(self, entry: Entry, most: int) -> list[Hit]:
        """Return the orders nearest to an entry, best first.

        Raises
        ------
        IndexNotReady
        """
        return self.view.near(entry, most)

    def take(self, sight: Sight) -> None:
        """See with a newly published model from the next `follow` on that finds its index."""
        if sight.version != self._wanted.version:
            root = self._snapshots.folder.parent
            self._snapshots = Snapshots(root, sight.version, sight.dimensions)
        self._wanted, self._looked = sight, False

    def follow(self) -> int:
        """Read what is new, take over a newer snapshot; return how many orders were read.

        Raises
        ------
        StoreUnavailable
        """
        sight, snapshots = self._wanted, self._snapshots
        newest = next(iter(snapshots.found()), None)
        if not self._looked or newest != self._seen:
            self._looked, self._seen = True, newest  # before: `take` may ask again meanwhile
            self._exchange(sight, snapshots, newest)
        self._look_at_shelf()
        view = self._view
        if view is None or view.sight is not self._wanted:
            self._ask_build()
        if view is None:
            return 0
        count = catch_up(self.database, view.index, view.sight)
        if view.index.fresh >= self._most_fresh:
            self._ask_build()
        return count

    def _exchange(self, sight: Sight, snapshots: Snapshots, newest: Path | None) -> None:
        view = self._view
        try:
            index = self._opened(sight, snapshots, newest)
        except TriageError:
            self._looked = False  # the database was gone: look again
            raise
        if index is None and view is not None and view.sight.version == sight.version:
            index = view.index
        if index is not None:
            shelf = view.shelf if view and _layout(view.sight) == _layout(sight) else EMPTY
            self._shelved = self._shelved if shelf.packs else ()
            self._view = View(sight, index, shelf)
            sight.forget()  # the snapshot may be past a purge that was never read here

    def _look_at_shelf(self) -> None:
        view = self._view
        if view is None or view.sight.packer is None:
            return
        folder = shelf_folder(self._snapshots.folder.parent, view.sight.packer)
        found = tuple(packs_in(folder))
        if not found and view.index.segment is not None and len(view.index) >= LEAST:
            self._ask_build()  # a newly published judge, or a shelf that was taken away
        if found != self._shelved:
            self._view = replace(view, shelf=open_shelf(folder))
            self._shelved = found
            logger.info("shelf opened: %d records", len(self._view.shelf))

    def _opened(self, sight: Sight, snapshots: Snapshots, newest: Path | None) -> OrderIndex | None:
        segment = open_sound(self.database, snapshots)
        if segment is None:
            with self.database.read() as connection:
                head = head_at(connection)
            if newest is not None:
                self._ask_build()  # it was refused
            if head > MOST_REPLAYED:
                return None
        index = OrderIndex(segment, sight.dimensions)
        catch_up(self.database, index, sight)
        logger.info("index opened: %d orders, event %d", len(index), index.mark.position)
        return index


def _layout(sight: Sight) -> str | None:
    return sight.packer.layout if sight.packer else None
