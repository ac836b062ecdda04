"""The index over ten million orders, real texts and simulated ones: what quantisation gives away.

Run `python tests/benchmarks/bench_index_ten.py --shared ../shared --scratch DIR` (forty minutes on
two cores; 20 GB of disk); writes evaluation/results/index_10m.json. Searches run on one thread.
Recall is the share of the ten found that are as near as the tenth nearest of all, told by the
vectors before they are coded (in float16); "real" asks 401 real requests that are not in the index,
"told" a simulated city's of another seed.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import faiss
import numpy as np
import orjson
from index_data import WIDTH, Floats, encoder_alone, told
from index_memory import shared_mib
from index_texts import mixed, real_queries

from triage.files import atomic_write
from triage.index import Mark, OrderIndex, Printed, Snapshots
from triage.index.growing import Growing
from triage.index.kinds import lists_of
from triage.index.manifest import FILES
from triage.index.segment import Segment
from triage.request import Json

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "evaluation/results/index_10m.json"
QUERIES = 300
_NEAREST = 10
_SAME = 1e-4
"""Cosines this near are equal: sums of numbers rounded to 11 bits."""
_PROBES = (16, 32, 64, 128, 256, 512, 1_024)
_RANKED = (200, 400, 800, 1_600, 3_200, 6_400, 12_800)
_FEW, _CHUNK = 50, 100_000
_ADDED = 10_000


def main() -> int:
    """Fill, measure, write the report."""
    wanted = _arguments()
    faiss.omp_set_num_threads(1)
    sight = encoder_alone(wanted.models)
    asked = {
        "real": _first(real_queries(wanted.shared, sight)),
        "told": _first(next(told(QUERIES, sight, seed=2))),
    }
    memory = _Memory()
    with TemporaryDirectory(dir=wanted.scratch) as name:
        folder = Path(name)
        exact = np.memmap(folder / "exact.f16", np.float16, "w+", shape=(wanted.orders, WIDTH))
        best = _Best(np.concatenate([one.vectors for one in asked.values()]))
        path, times = _built(folder, wanted, exact, best)
        began = time.perf_counter()
        segment = Segment.open(path, encoder="bench", dimensions=WIDTH)
        report: dict[str, Json] = {
            "command": " ".join(["python tests/benchmarks/bench_index_ten.py", *sys.argv[1:]]),
            "encoder": sight.version,
            "load": round(os.getloadavg()[0], 1),
            "orders": len(segment),
            "lists": lists_of(len(segment)),
            "probes": segment.facts.probes,
            "ranked_anew": segment.ranked,
            **times,
            "opened_s": round(time.perf_counter() - began, 1),
            "building_peak_mib": memory.stop(),
            "mib_on_disk": {one: round((path / one).stat().st_size / 2**20, 1) for one in FILES},
        }
        tenth = dict(zip(asked, np.split(best.scores[:, -1], len(asked)), strict=True))
        report |= _measured(segment, exact, asked, tenth)
        report["mib_of_four_processes"] = shared_mib(path, asked["real"].vectors[:200], WIDTH)
    with atomic_write(wanted.out) as file:
        file.write(orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.write(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0


def _built(
    folder: Path, wanted: argparse.Namespace, exact: np.memmap, best: _Best
) -> tuple[Path, dict[str, Json]]:
    began = time.perf_counter()
    filled = began

    def fill(growing: Growing) -> Mark:
        nonlocal filled
        first = 0
        for printed in mixed(wanted.orders, wanted.shared, wanted.models):
            rounded = printed.vectors.astype(np.float16)
            exact[first : first + len(rounded)] = rounded
            best.see(rounded.astype(np.float32))
            growing.add(printed)
            first += len(rounded)
            if first % 500_000 < len(rounded):
                sys.stderr.write(f"{first:,} {time.perf_counter() - began:.0f} s\n")
        filled = time.perf_counter()
        return Mark()

    path = Snapshots(folder, "bench", WIDTH).write(None, fill)
    assert path is not None
    ended = time.perf_counter()
    return path, {"prepared_s": round(filled - began), "built_s": round(ended - filled)}


def _measured(
    segment: Segment, exact: Floats, asked: dict[str, Printed], tenth: dict[str, Floats]
) -> dict[str, Json]:
    index = OrderIndex(segment, WIDTH)
    found: dict[str, Json] = {}
    for kind, some in asked.items():
        recall = _recall(exact, some.vectors, tenth[kind], _rows_of(segment))
        both = _spans(lambda n, q=some: index.search(q.vectors[n], q.pairs[n], 20))  # type: ignore[misc]
        found[kind] = {"recall_at_10": recall, "search_ms": both}
    found["by_lists_read"] = _by_lists(segment, exact, asked, tenth)
    found["by_ranked_anew"] = _by_ranked(segment, exact, asked, tenth)
    found["codes_alone"] = {
        kind: {
            "8_bit_all_read": _recall(
                exact, some.vectors[:_FEW], tenth[kind], _scan(segment, some.vectors[:_FEW])
            )
        }
        for kind, some in asked.items()
    }
    found |= _adding(index, asked["told"])
    return found


def _by_lists(
    segment: Segment, exact: Floats, asked: dict[str, Printed], tenth: dict[str, Floats]
) -> Json:
    usual, found = segment.facts.probes, dict[str, Json]()
    for probes in (one for one in _PROBES if one <= lists_of(len(segment))):
        segment._vectors.nprobe = probes
        found[str(probes)] = _both(segment, exact, asked, tenth)
    segment._vectors.nprobe = usual
    return found


def _by_ranked(
    segment: Segment, exact: Floats, asked: dict[str, Printed], tenth: dict[str, Floats]
) -> Json:
    usual, found = segment.ranked, dict[str, Json]()
    for ranked in _RANKED:
        segment.ranked = ranked
        found[str(ranked)] = _both(segment, exact, asked, tenth)
    segment.ranked = usual
    return found


def _both(
    segment: Segment, exact: Floats, asked: dict[str, Printed], tenth: dict[str, Floats]
) -> Json:
    """Return recall of both kinds and the time of a search by vector alone."""
    found: dict[str, Json] = {}
    for kind, some in asked.items():
        found[f"{kind}_recall"] = _recall(exact, some.vectors, tenth[kind], _rows_of(segment))
    queries = asked["real"].vectors
    return found | _spans(lambda n: segment.search(queries[n], _NEAREST, None))


def _rows_of(segment: Segment) -> Callable[[int, Floats], Floats]:
    def rows(_: int, vector: Floats) -> Floats:
        found: Floats = segment.search(vector, _NEAREST, None)[0]  # type: ignore[assignment]
        return found

    return rows


def _scan(segment: Segment, queries: Floats) -> Callable[[int, Floats], Floats]:
    """Return the nearest by the 8-bit codes when all are read: what the codes alone give away."""
    codes, scores = segment.codes, np.zeros((len(queries), 0), np.float32)
    places = np.zeros((len(queries), 0), np.int64)
    for first in range(0, len(codes.rows), _CHUNK):
        part = codes.scale.decoded(codes.rows[first : first + _CHUNK])
        scores = np.concatenate([scores, queries @ part.T], axis=1)
        own = np.broadcast_to(np.arange(first, first + len(part)), (len(queries), len(part)))
        places = np.concatenate([places, own], axis=1)
        kept = np.argpartition(-scores, _NEAREST, axis=1)[:, :_NEAREST]
        scores, places = (np.take_along_axis(one, kept, axis=1) for one in (scores, places))
    return lambda n, _: places[n]


def _recall(
    exact: Floats, queries: Floats, tenth: Floats, rows_of: Callable[[int, Floats], Floats]
) -> float:
    shares = [
        float(np.mean(exact[rows_of(n, query)].astype(np.float32) @ query >= tenth[n] - _SAME))
        for n, query in enumerate(queries)
    ]
    return round(float(np.mean(shares)), 4)


def _adding(index: OrderIndex, asked: Printed) -> dict[str, Json]:
    """Add orders in hundreds: how many a second of processor time."""
    rng = np.random.default_rng(4)
    count, spent = 0, 0.0
    while count < _ADDED:
        some = rng.integers(0, len(asked.ids), 100)
        pairs = tuple(asked.pairs[n] for n in some)
        printed = Printed(tuple(f"N{count + n}" for n in range(100)), asked.vectors[some], pairs)
        began = time.thread_time()
        index.add(printed)
        spent += time.thread_time() - began
        count += 100
    return {"adds_per_cpu_s": round(count / spent)}


class _Best:
    """The ten best cosines of each query among all that was seen."""

    def __init__(self, queries: Floats) -> None:
        self._queries = queries
        self.scores = np.full((len(queries), _NEAREST), -2.0, np.float32)

    def see(self, vectors: Floats) -> None:
        """Look at more vectors."""
        both = np.concatenate([self.scores, self._queries @ vectors.T], axis=1)
        self.scores = -np.sort(np.partition(-both, _NEAREST, axis=1)[:, :_NEAREST], axis=1)


class _Memory:
    """The most that this process held of its own, in MiB: mapped files are not counted."""

    def __init__(self) -> None:
        self._most, self._ended = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Return the most."""
        self._ended.set()
        self._thread.join()
        return round(self._most / 1024, 1)

    def _watch(self) -> None:
        while not self._ended.wait(0.5):
            for line in Path("/proc/self/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    self._most = max(self._most, int(line.split()[1]))


def _first(printed: Printed) -> Printed:
    return Printed(printed.ids[:QUERIES], printed.vectors[:QUERIES], printed.pairs[:QUERIES])


def _spans(deed: Callable[[int], object]) -> dict[str, Json]:
    """Return median and 99th percentile in milliseconds, of wall and of processor time."""
    walls, works = [], []
    for number in range(QUERIES):
        wall, work = time.perf_counter(), time.thread_time()
        deed(number)
        walls.append(1000 * (time.perf_counter() - wall))
        works.append(1000 * (time.thread_time() - work))
    return {
        f"{name}_{kind}": round(float(np.percentile(values, share)), 3)
        for kind, values in (("wall", walls), ("cpu", works))
        for name, share in (("p50", 50), ("p99", 99))
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--shared", type=Path, required=True, help="real texts: data/ is in it")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--scratch", type=Path, required=True, help="a folder with 20 GB of room")
    parser.add_argument("--out", type=Path, default=RESULT)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
