"""What an exported encoder costs a request: milliseconds of one core, one by one and in batches.

Run `python tests/benchmarks/bench_encoder.py runs/enc/onnx`; writes
evaluation/results/encoder_speed.json. Texts are those of datasets/sample, cut or joined to a
length. Time is that of the processor, so that a busy machine does not count.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from onnxruntime import InferenceSession

from triage.model.encoder import (
    GRAPHS,
    INPUTS,
    OUTPUT,
    TOKENIZER,
    OnnxEncoder,
    open_graph,
    read_config,
)

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "evaluation/results/encoder_speed.json"
LENGTHS = (20, 60, 250)
TEXTS = 16
BATCH = 16


def main(folder: Path) -> int:
    """Measure both graphs of a folder and write the figures."""
    lines = (ROOT / "datasets/sample/train.jsonl").read_text("utf-8").splitlines()
    joined = "。".join(json.loads(line)["text"] for line in lines)
    figures: dict[str, object] = {"source": json.loads((folder / "encoder.json").read_text())}
    for graph in GRAPHS:
        found: dict[str, object] = {"bytes": (folder / graph).stat().st_size}
        for length in LENGTHS:
            texts = [joined[i * length : (i + 1) * length] for i in range(TEXTS)]
            found[f"{length}_characters"] = _measure(folder, graph, texts)
        figures[graph] = found
    RESULT.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.stdout.write(RESULT.read_text("utf-8"))
    return 0


def _measure(folder: Path, graph: str, texts: list[str]) -> dict[str, float]:
    config = replace(read_config(folder), graph=graph)
    session, tokenizer = open_graph(folder / graph, folder / TOKENIZER)
    encoder = OnnxEncoder(session, tokenizer, config)
    alone = encoder.encode(texts)
    ids = [tokenizer.encode(config.prefix + text).ids for text in texts]
    batched = np.concatenate([_batch(session, ids[i : i + BATCH]) for i in range(0, TEXTS, BATCH)])
    return {
        "tokens": round(float(np.mean([len(row) for row in ids])), 1),
        "ms_one_by_one": _milliseconds(lambda: encoder.encode(texts)),
        "ms_in_batches": _milliseconds(
            lambda: [_batch(session, ids[i : i + BATCH]) for i in range(0, TEXTS, BATCH)]
        ),
        "batch_moves_a_vector_by": round(float(1 - (alone * batched).sum(axis=1).min()), 6),
    }


def _batch(session: InferenceSession, rows: list[list[int]]) -> np.ndarray:
    width = max(map(len, rows))
    ids = np.array([row + [0] * (width - len(row)) for row in rows], np.int64)
    mask = np.array([[1] * len(row) + [0] * (width - len(row)) for row in rows], np.int64)
    found: np.ndarray = session.run([OUTPUT], dict(zip(INPUTS, (ids, mask), strict=True)))[0]
    return found


def _milliseconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return round(1000 * best / TEXTS, 2)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
