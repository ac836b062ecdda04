"""What naming similar orders costs by part, in one process: processor and wall time of each.

The parts of `triage.desk.similar.similar_to`, in turn and on texts of which none comes twice, so
that caches are as cold as they are for a service. Wall time beyond processor time is waiting, for
the disk or for other programs.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import orjson

from triage.desk.neighbours import Neighbours, Query
from triage.desk.sight import entry_of, load_sight
from triage.desk.similar import SHOWN, Similar, read, similar_json
from triage.index import Snapshots
from triage.request import Json
from triage.same_event.entry import Entry
from triage.store.database import Database

_WARM = 50
"""Questions that are not counted: the first ones read pages that all later ones share."""


class Clock:
    """Microseconds of each part, processor and wall."""

    def __init__(self) -> None:
        self.cpu, self.wall = (
            defaultdict[str, list[float]](list),
            defaultdict[str, list[float]](list),
        )

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time a block."""
        cpu, wall = time.process_time_ns(), time.perf_counter_ns()
        yield
        self.cpu[name].append((time.process_time_ns() - cpu) / 1_000)
        self.wall[name].append((time.perf_counter_ns() - wall) / 1_000)

    def to_json(self) -> dict[str, Json]:
        """Return the medians."""
        return {
            name: {
                "cpu": round(median(self.cpu[name]), 1),
                "wall": round(median(self.wall[name]), 1),
            }
            for name in self.cpu
        }


def parts_us(url: str, index: Path, models: Path, entries: Sequence[Entry]) -> dict[str, Json]:
    """Return the median microseconds of each part over these questions."""
    sight = load_sight(models)
    snapshots = Snapshots(index, sight.version, sight.dimensions)
    database = Database(url)
    neighbours = Neighbours(database, snapshots, sight, _nobody)
    neighbours.follow()
    clock = Clock()
    for number, entry in enumerate(entries):
        if number == _WARM:
            clock = Clock()
        with clock.part("whole"):
            _ask(clock, neighbours, database, entry)
    database.close()
    return clock.to_json()


def _ask(clock: Clock, neighbours: Neighbours, database: Database, entry: Entry) -> None:
    with clock.part("prepare_query"):
        query = Query(neighbours.view, entry)
    with clock.part("search"):
        hits = query.near(SHOWN + 1)
    with clock.part("read_orders"):
        orders = read(database, [hit.id for hit in hits])
    within = [(hit, orders[hit.id]) for hit in hits if hit.id in orders][:SHOWN]
    with clock.part("judge"):
        judged = query.best([entry_of(order) for _, order in within], SHOWN)
    with clock.part("json"):
        orjson.dumps([
            similar_json(Similar(within[place][1], said, within[place][0].cosine))
            for place, said in judged
        ])  # fmt: skip


def _nobody() -> None:
    """Nobody builds here."""
