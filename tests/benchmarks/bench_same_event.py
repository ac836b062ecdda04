"""How long the same-event decision takes: encoding, preparing, judging thirty candidates.

Every call has a query of its own, so that nothing that is kept of a pair makes it look faster.

python tests/benchmarks/bench_same_event.py
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from triage.same_event.candidates import Pool
from triage.same_event.entry import Entry
from triage.same_event.model import SameEventModel
from triage.same_event.pair_features import Prepared

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "evaluation/results/same_event_speed.json"
CANDIDATES, TIMES = 30, 200


def main() -> None:
    """Measure processor time on written requests of the sample, write and print the report."""
    model = SameEventModel.load(ROOT / "models")
    lines = (ROOT / "datasets/sample/heldout.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    entries = [Entry(str(n), row.get("title") or "", row["text"]) for n, row in enumerate(rows)]
    prepared = [model.prepare(entry) for entry in entries]
    fresh, packs = iter(entries * 4), [model.pack(entry) for entry in entries]
    asked, judged, best = (_questions(len(entries)) for _ in range(3))
    closely = iter(_neighbours(prepared))
    texts = iter(range(len(entries) - 1))
    report = {
        "model": model.version,
        "characters": round(float(np.mean([len(entry.text) for entry in entries])), 1),
        "encode_microseconds": _microseconds(lambda: model.encoder.encode([next(fresh).text])),
        "probabilities_of_30_milliseconds": _microseconds(
            lambda: model.probabilities(*_of(prepared, next(asked)))
        )
        / 1000,
        "judge_30_milliseconds": _microseconds(
            lambda: model.judge_prepared(*_of(prepared, next(judged)))
        )
        / 1000,
        "prepare_one_microseconds": _microseconds(lambda: model.prepare_once(next(fresh))),
        "best_10_of_30_packed_milliseconds": _microseconds(
            lambda: _best(model, prepared, packs, next(best))
        )
        / 1000,
        "best_10_of_30_read_closely_milliseconds": _spread(
            lambda: _best(model, prepared, packs, next(closely), reads=10)
        ),
        "read_one_pair_milliseconds": _spread(lambda: _read(model, entries, next(texts))),
    }
    RESULT.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(json.dumps(report, indent=1))  # noqa: T201


def _questions(count: int) -> Iterator[list[int]]:
    """Yield a query's place and those of its candidates, another query each time."""
    for first in range(count):
        yield [(first + step) % count for step in range(CANDIDATES + 1)]


def _neighbours(prepared: Sequence[Prepared]) -> list[list[int]]:
    """Return a query's place and those of the nearest others, for each: they are what is read."""
    pool, found = Pool(prepared), []
    for place, near in enumerate(pool.search(prepared)):
        ranked = [other for other in pool.ranked(prepared[place], near) if other != place]
        found.append([place, *ranked[:CANDIDATES]])
    return found


def _of(prepared: Sequence[Prepared], places: list[int]) -> tuple[Prepared, list[Prepared]]:
    query, *others = (prepared[place] for place in places)
    return query, others


def _best(
    model: SameEventModel,
    prepared: Sequence[Prepared],
    packs: Sequence[bytes],
    places: list[int],
    reads: int = 0,
) -> None:
    query, *others = places
    candidates = [prepared[place].entry for place in others]
    model.best(prepared[query], candidates, [packs[place] for place in others], 10, reads)


def _read(model: SameEventModel, entries: Sequence[Entry], place: int) -> None:
    assert model.cross is not None
    model.cross.log_odds(entries[place], [entries[place + 1]])


def _microseconds(work: Callable[[], object]) -> float:
    """Return the median processor time of a call."""
    return round(float(np.median(_times(work))), 1)


def _spread(work: Callable[[], object]) -> dict[str, float]:
    """Return median and 95th percentile of the processor time of a call, in milliseconds."""
    times = _times(work)
    return {f"p{share}": round(float(np.percentile(times, share)) / 1000, 2) for share in (50, 95)}


def _times(work: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(TIMES):
        started = time.process_time_ns()
        work()
        times.append((time.process_time_ns() - started) / 1000)
    return times


if __name__ == "__main__":
    main()
