"""Train the default recipe on three quarters of the seven official classes, score the rest.

The slice is made as the reference figures were: near-duplicates on one side, never looked at while
choosing. Run `python tests/benchmarks/bench_seven_classes.py`; writes
evaluation/results/seven_classes.json. Needs the developers' folder ../shared.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from evaluation.truth import read_examples
from training.split import assign_folds

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT.parent / "shared/data/tipdm2020c/topics7_train.csv"
RESULT = ROOT / "evaluation/results/seven_classes.json"
SLICE_SEED = 1


def main() -> int:
    """Import, split, train, evaluate; print and keep the figures."""
    if not SOURCE.exists():
        sys.stderr.write(f"skipped: {SOURCE} is absent\n")
        return 0
    triage = str(Path(sys.executable).with_name("triage"))
    with tempfile.TemporaryDirectory() as folder:
        everything = Path(folder, "seven.jsonl")
        subprocess.run([triage, "import", str(SOURCE), "--out", str(everything)], check=False)
        fold = assign_folds(read_examples([everything]), folds=4, how="group", seed=SLICE_SEED)
        lines = everything.read_bytes().splitlines(keepends=True)
        train, test = Path(folder, "train.jsonl"), Path(folder, "test.jsonl")
        train.write_bytes(b"".join(line for line, k in zip(lines, fold, strict=True) if k))
        test.write_bytes(b"".join(line for line, k in zip(lines, fold, strict=True) if not k))
        started = time.monotonic()
        model, report = Path(folder, "model"), Path(folder, "report.json")
        subprocess.run([triage, "train", "--data", str(train), "--out", str(model)], check=True)
        seconds = time.monotonic() - started
        subprocess.run(
            [
                *[triage, "evaluate", "--model", str(model), "--data", str(test)],
                *["--out", str(report), "--no-pictures"],
            ],
            check=True,
        )
        topic = json.loads(report.read_text("utf-8"))["decisions"]["topic"]
    topic.pop("per_class", None)
    figures = {"train": int((fold != 0).sum()), "test": int((fold == 0).sum())}
    figures |= {"train_seconds": round(seconds, 1), "topic": topic, "slice_seed": SLICE_SEED}
    RESULT.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.stdout.write(RESULT.read_text("utf-8"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
