"""Texts to fill an index of millions with: real ones from the shared folder, then simulated ones.

Two processes read, invent and encode; only vectors and hashed pairs leave them, never a text.
"""

from __future__ import annotations

import csv
import lzma
import multiprocessing
from collections.abc import Iterator
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path

from index_data import BATCH, encoder_alone, told

from triage.desk.sight import Sight
from triage.index import Printed
from triage.same_event.entry import Entry
from triage.text.mask import mask_all

LONGEST = 500
"""Characters of a line of the corpora; a request is seldom longer."""
SHORTEST = 8
_REQUESTS = ("labelled/train.csv", "tipdm2020c/messages4_dev.csv")
_ASKED = "tipdm2020c/messages3_dev.csv"
_STEP = 7
"""Every so many real request is asked about: 401 of 2,811."""


def real_queries(shared: Path, sight: Sight) -> Printed:
    """Return real requests that are not in the index, evenly taken."""
    return sight.prints([_entry(row, "Q") for row in _rows(shared / "data" / _ASKED)][::_STEP])


def mixed(count: int, shared: Path, models: Path) -> Iterator[Printed]:
    """Give `count` orders: all real texts there are, for the rest two simulated cities."""
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for part in range(2):
        here, there = context.Pipe(duplex=False)
        deed = partial(_send, part=part, count=count, shared=shared, models=models)
        process = context.Process(target=deed, args=(there,))
        process.start()
        there.close()
        pipes.append(here)
        processes.append(process)
    first = 0
    while pipes and first < count:
        for pipe in list(pipes):
            try:
                _, vectors, pairs = pipe.recv()
            except EOFError:
                pipes.remove(pipe)
                continue
            size = min(len(vectors), count - first)
            ids = tuple(f"B{number:09d}" for number in range(first, first + size))
            yield Printed(ids, vectors[:size], pairs[:size])
            first += size
    for process in processes:
        process.terminate()
        process.join()


def real_entries(shared: Path, part: int) -> Iterator[Entry]:
    """Give the real texts, every other one: requests first, then lines of the corpora."""
    rows = (row for name in _REQUESTS for row in _rows(shared / "data" / name))
    yield from islice((_entry(row, "R") for row in rows), part, None, 2)
    for path in sorted((shared / "data/corpus").glob("*.txt.xz")):
        with lzma.open(path, "rt", encoding="utf-8", errors="replace") as file:
            for line in islice(file, part, None, 2):
                text = line.strip()[:LONGEST]
                if len(text) >= SHORTEST:
                    yield Entry("", "", text)


def _send(pipe: Connection, part: int, count: int, shared: Path, models: Path) -> None:
    sight = encoder_alone(models)
    entries = real_entries(shared, part)
    sent = 0
    while some := list(islice(entries, BATCH)):
        pipe.send(_loose(sight.prints(some)))
        sent += len(some)
    for printed in told(max(count // 2 + BATCH - sent, 0), sight, seed=1 + 2 * part):
        pipe.send(_loose(printed))
    pipe.close()


def _loose(printed: Printed) -> tuple[object, ...]:
    return printed.ids, printed.vectors, printed.pairs


def _entry(row: dict[str, str], id: str) -> Entry:
    title, detail = mask_all([row.get("title") or "", row.get("detail") or row.get("text") or ""])
    return Entry(id, title.text, detail.text)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
