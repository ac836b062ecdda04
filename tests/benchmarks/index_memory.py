"""What several processes that search one index hold of it in memory, all together."""

from __future__ import annotations

import gc
import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

from index_data import Floats

from triage.index import OrderIndex
from triage.index.segment import Segment

PROCESSES = 4


def shared_mib(folder: Path, queries: Floats, width: int) -> float:
    """Return MiB: what all processes map of the index (shared pages once) and hold themselves."""
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for _ in range(PROCESSES):
        here, there = context.Pipe()
        process = context.Process(target=_search, args=(there, folder, queries, width))
        process.start()
        pipes.append(here)
        processes.append(process)
    before = sum(float(pipe.recv()) for pipe in pipes)
    for pipe in pipes:
        pipe.send("search")
    for pipe in pipes:
        pipe.recv()
    for pipe in pipes:
        pipe.send("measure")  # all hold their pages now
    after = sum(float(pipe.recv()) for pipe in pipes)
    for pipe, process in zip(pipes, processes, strict=True):
        pipe.send("end")
        process.join()
    return round(after - before, 1)


def _search(pipe: Connection, folder: Path, queries: Floats, width: int) -> None:
    gc.collect()
    pipe.send(_proportional_mib())
    pipe.recv()
    index = OrderIndex(Segment.open(folder, encoder="bench", dimensions=width), width)
    pairs = index.segment.postings.rows[:0]  # type: ignore[union-attr]
    for vector in queries:
        index.search(vector, pairs, 20)
    pipe.send("ready")
    pipe.recv()
    pipe.send(_proportional_mib())
    pipe.recv()


def _proportional_mib() -> float:
    """Return this process's memory, a shared page divided by those who share it (Pss)."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("/proc/self/smaps_rollup has no Pss")
