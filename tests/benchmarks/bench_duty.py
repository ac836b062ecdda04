"""Microseconds a request that the duty and jurisdiction steps cost, at 250 characters.

Run `python tests/benchmarks/bench_duty.py`; writes evaluation/results/duty_speed.json. The texts
are those of datasets/sample; every step is timed by itself inside the pipeline, best of rounds.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from triage.pipeline import Pipeline
from triage.request import CitizenRequest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "datasets/sample/train.jsonl"
RESULT = ROOT / "evaluation/results/duty_speed.json"
CHARACTERS = 250
REQUESTS = 1_000
ROUNDS = 5
STEPS = ("duty", "jurisdiction")


def main() -> int:
    """Time the steps and write the figures."""
    rows = [json.loads(line) for line in SAMPLE.read_text("utf-8").splitlines()]
    joined = "。".join(row["text"] for row in rows)
    texts = [joined[i : i + CHARACTERS] for i in range(0, CHARACTERS * REQUESTS, CHARACTERS)]
    requests = [
        CitizenRequest(str(i), text, district=rows[i % len(rows)].get("district"))
        for i, text in enumerate(texts)
        if text
    ]
    pipeline = Pipeline.load(ROOT / "models")
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        drafts = pipeline._read(requests)
        for step in pipeline.steps:
            started = time.perf_counter()
            for draft in drafts:
                step(draft)
            spent = (time.perf_counter() - started) / len(requests) * 1e6
            best[step.name] = min(best.get(step.name, spent), spent)
    figures = {
        "microseconds": {name: round(best[name], 1) for name in STEPS},
        "all_steps": {name: round(value, 1) for name, value in best.items()},
        "characters": CHARACTERS,
        "requests": len(requests),
    }
    RESULT.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.stdout.write(RESULT.read_text("utf-8"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
