"""What an encoder tuned on judged pairs is worth alone: its cosine beside that of TF-IDF.

Run `python tests/benchmarks/bench_encoder_events.py runs/enc/onnx X.jsonl pairs.csv`; writes
evaluation/results/encoder_events.json. Each pair is encoded by the copy that did not see its
component; a pair judged both ways round counts once. TF-IDF (characters, 1–2-grams, sublinear)
is counted over all texts of the file and learns no judgement. Time is that of the processor.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from tqdm import tqdm

from evaluation.bootstrap import RESAMPLES
from evaluation.held_out_pairs import HeldOutPair
from evaluation.judged_pairs import SAME_EVENT, once, read_judged_pairs
from evaluation.metrics import recall_and_precision
from evaluation.pair_gate import average_precision, judge_pairs
from evaluation.truth import fingerprint, read_examples
from training.encoder.judged_pairs import RowPair, in_rows
from training.event_vectors import HonestEncoders
from triage.model.encoder import CONFIG, Encoder
from triage.same_event.encoders import onnx_of
from triage.same_event.entry import Entry
from triage.same_event.static_encoder import StaticEncoder

RESULT = Path(__file__).resolve().parents[2] / "evaluation/results/encoder_events.json"
RECALL = 0.9
TIMED = 100
"""Texts that are encoded for the time of one."""
Floats = NDArray[np.float32]


def main(folder: Path, data: Path, pairs_file: Path) -> int:
    """Measure both cosines on the pairs and write the figures."""
    examples = read_examples([data])
    entries = [Entry(each.id, each.title, each.text) for each in examples]
    rows = {entry.id: row for row, entry in enumerate(entries)}
    pairs = once(in_rows(read_judged_pairs(pairs_file, rows), rows))
    same = np.array([pair.label == SAME_EVENT for pair in pairs])
    encoded = _encoded(folder, entries, pairs)
    plain = _tfidf(entries, pairs)
    verdict = judge_pairs(_held(pairs, same, encoded), _held(pairs, same, plain))
    report = {
        "command": "python tests/benchmarks/bench_encoder_events.py ENCODER X.jsonl PAIRS.csv",
        "data_sha256": fingerprint(examples),
        "pairs": len(pairs),
        "same_event": int(same.sum()),
        "encoder": _source(folder),
        "ms_a_text": {
            "encoder": _milliseconds(onnx_of(folder).encoder, entries),
            "static": _milliseconds(StaticEncoder.untrained(), entries),
        },
        "encoder_cosine": _figures(same, encoded),
        "tfidf_cosine": _figures(same, plain),
        "gate": {
            "resamples_of_components": RESAMPLES,
            "passed": verdict.passed,
            "reasons": list(verdict.reasons),
        },
    }
    RESULT.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.stdout.write(RESULT.read_text("utf-8"))
    return 0


def _encoded(folder: Path, entries: Sequence[Entry], pairs: Sequence[RowPair]) -> Floats:
    encoders = HonestEncoders.load(folder)
    found = np.zeros(len(pairs), np.float32)
    for row, pair in enumerate(tqdm(pairs, disable=None)):
        texts = [entries[pair.query].text, entries[pair.candidate].text]
        query, candidate = encoders.of(pair.component).encode(texts)
        found[row] = query @ candidate
    return found.clip(-1, 1)


def _tfidf(entries: Sequence[Entry], pairs: Sequence[RowPair]) -> Floats:
    counted = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
    X = counted.fit_transform([entry.text for entry in entries])
    query, candidate = ([getattr(pair, side) for pair in pairs] for side in ("query", "candidate"))
    cosine: Floats = np.asarray(X[query].multiply(X[candidate]).sum(axis=1)).ravel()
    return cosine.astype(np.float32)


def _held(
    pairs: Sequence[RowPair], same: NDArray[np.bool_], cosine: Floats
) -> dict[bytes, HeldOutPair]:
    return {
        f"{pair.query} {pair.candidate}".encode(): HeldOutPair(
            pair.component.encode(), bool(same[row]), float(cosine[row] + 1) / 2
        )
        for row, pair in enumerate(pairs)
    }


def _figures(same: NDArray[np.bool_], score: Floats) -> dict[str, float]:
    """Return average precision, and the best F1 and precision of any threshold."""
    reached = [recall_and_precision(same, score >= least) for least in np.unique(score)]
    return {
        "average_precision": round(average_precision(same, score), 4),
        "best_f1": round(max(2 * r * p / (r + p) for r, p in reached if r + p), 4),
        "precision_at_recall_0.9": round(max(p for r, p in reached if r >= RECALL), 4),
    }


def _source(folder: Path) -> dict[str, object]:
    config = json.loads((folder / CONFIG).read_text("utf-8"))
    kept = ("graph", "dimensions", "max_tokens", "source", "parity")
    return {"version": onnx_of(folder).version, **{name: config[name] for name in kept}}


def _milliseconds(encoder: Encoder, entries: Sequence[Entry]) -> float:
    texts = [entry.text for entry in entries[:TIMED]]
    encoder.encode(texts[:1])
    started = time.process_time()
    encoder.encode(texts)
    return round(1000 * (time.process_time() - started) / len(texts), 3)


if __name__ == "__main__":
    raise SystemExit(main(*map(Path, sys.argv[1:4])))
