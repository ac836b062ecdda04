"""How long the same-event decision takes: encoding, preparing, judging thirty candidates.

python tests/benchmarks/bench_same_event.py
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from triage.same_event.entry import Entry
from triage.same_event.model import SameEventModel

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
    query, others = prepared[0], prepared[1 : CANDIDATES + 1]
    fresh = iter(entries * 2)
    report = {
        "model": model.version,
        "characters": round(float(np.mean([len(entry.text) for entry in entries])), 1),
        "encode_microseconds": _microseconds(lambda: model.encoder.encode([next(fresh).text])),
        "probabilities_of_30_milliseconds": _microseconds(
            lambda: model.probabilities(query, others)
        )
        / 1000,
        "judge_30_milliseconds": _microseconds(lambda: model.judge_prepared(query, others)) / 1000,
    }
    RESULT.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(json.dumps(report, indent=1))  # noqa: T201


def _microseconds(work: Callable[[], object]) -> float:
    """Return the median processor time of a call."""
    times = []
    for _ in range(TIMES):
        started = time.process_time_ns()
        work()
        times.append((time.process_time_ns() - started) / 1000)
    return round(float(np.median(times)), 1)


if __name__ == "__main__":
    main()
