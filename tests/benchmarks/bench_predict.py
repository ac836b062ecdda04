"""Requests a second of `triage predict` with the shipped model, at an average of 250 characters.

The texts are those of datasets/sample, joined until they are 250 characters long on average. Run
`python tests/benchmarks/bench_predict.py`; writes evaluation/results/predict_speed.json. The
start of the process is measured apart and taken off.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "datasets/sample/train.jsonl"
RESULT = ROOT / "evaluation/results/predict_speed.json"
REQUESTS = 40_000
CHARACTERS = 250
ROUNDS = 3


def main() -> int:
    """Write requests, run the command on one and on all, keep the best of three rounds."""
    texts = [json.loads(line)["text"] for line in SAMPLE.read_text("utf-8").splitlines()]
    joined = "。".join(texts)
    long = [joined[i : i + CHARACTERS] for i in range(0, len(joined), CHARACTERS)]
    with tempfile.TemporaryDirectory() as folder:
        one, many = Path(folder, "one.jsonl"), Path(folder, "many.jsonl")
        one.write_text(_line(0, long[0]), "utf-8")
        lines = "".join(_line(i, long[i % len(long)]) for i in range(REQUESTS))
        many.write_text(lines, "utf-8")
        start = min(_seconds(one) for _ in range(ROUNDS))
        rounds = [round(REQUESTS / (_seconds(many) - start)) for _ in range(ROUNDS)]
    figures = {
        "per_second": max(rounds),
        "rounds": rounds,
        "requests": REQUESTS,
        "mean_characters": CHARACTERS,
        "start_seconds": round(start, 2),
        "cores": os.cpu_count(),
        "load_after": round(os.getloadavg()[0], 1),
    }
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    sys.stdout.write(RESULT.read_text("utf-8"))
    return 0


def _line(number: int, text: str) -> str:
    return json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n"


def _seconds(source: Path) -> float:
    triage = str(Path(sys.executable).with_name("triage"))
    started = time.monotonic()
    subprocess.run(
        [
            *[triage, "predict", "--input", str(source), "--output", f"{source}.out"],
            *["--models-dir", str(ROOT / "models")],
        ],
        check=True,
    )
    return time.monotonic() - started


if __name__ == "__main__":
    raise SystemExit(main())
