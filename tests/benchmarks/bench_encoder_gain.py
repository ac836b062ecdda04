"""What an encoder's vectors add beside the n-grams: the same heads with and without, one held fold.

Run `python tests/benchmarks/bench_encoder_gain.py runs/enc/onnx A.jsonl` with labelled requests of
`triage import`; writes evaluation/results/encoder_gain.json. Near-duplicates share a fold. Only
the heads of topic and lead unit are fitted, by the default recipe without emphasis and with a scale
of 1: nothing is chosen, so nothing is chosen on the fold that is measured.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from evaluation.bootstrap import Rows, Statistic
from evaluation.paired import mcnemar, paired
from evaluation.truth import fingerprint, read_examples
from training.crossfit import vectors_of
from training.dense import Standard, beside
from training.heads import SEED, fit_columns
from training.labels import Head, find_heads, spans_of, targets
from training.plans import plain_plans
from training.recipe import load_recipe
from training.split import assign_folds
from training.vocabulary import choose, count, weigh

RESULT = Path(__file__).resolve().parents[2] / "evaluation/results/encoder_gain.json"
DECISIONS = ("topic", "lead_unit")
FOLDS = 5
SCALE = 1.0
RESAMPLES = 1000

Right = dict[str, NDArray[np.bool_]]


def main(folder: Path, data: Path) -> int:
    """Fit twice on four folds, compare on the fifth, write."""
    examples = read_examples([data])
    with tqdm(total=len(examples), disable=None) as bar:
        Z = vectors_of(folder, examples, on_row=bar.update)
    recipe = load_recipe("default")
    heads = [head for head in find_heads(examples) if head.name in DECISIONS]
    y = np.concatenate([targets(examples, head) for head in heads], axis=1)
    fold = assign_folds(examples, folds=FOLDS, how="group", seed=SEED)
    train, held = np.flatnonzero(fold != 0), np.flatnonzero(fold == 0)
    counted = count([example.document for example in examples], recipe.fields)
    X = weigh(counted, choose(counted, min_df=recipe.min_df))
    both = beside(X, Standard.of(Z[train]).apply(Z), SCALE)
    answers = []
    for rows in (X, both):
        part = fit_columns(
            rows[train], y[train], plain_plans(heads, recipe), sample_weight=np.ones(len(train))
        )
        answers.append(_right(heads, rows[held] @ part.weights + part.bias, y[held]))
    report = {
        "command": "python tests/benchmarks/bench_encoder_gain.py ENCODER DATA.jsonl",
        "encoder": json.loads((folder / "encoder.json").read_text("utf-8")),
        "data_sha256": fingerprint(examples),
        "trained_on": len(train),
        "a": "n-grams",
        "b": "n-grams and vectors",
        **{name: _compared(answers[0][name], answers[1][name]) for name in answers[0]},
    }
    RESULT.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.stdout.write(RESULT.read_text("utf-8"))
    return 0


def _right(heads: Sequence[Head], scores: NDArray[np.float32], y: NDArray[np.float32]) -> Right:
    """Return, for each decision, which labelled rows the highest score is right about."""
    found = {}
    for head, span in zip(heads, spans_of(heads).values(), strict=True):
        known = ~np.isnan(y[:, span.start])
        found[head.name] = scores[known, span].argmax(1) == y[known, span].argmax(1)
    return found


def _compared(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> dict[str, object]:
    """Return both accuracies, B less A with its 95 % paired interval, and McNemar's p."""
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    rows: Rows = np.arange(len(a))
    return {
        "n": len(a),
        **paired(_share(a), _share(b), rows, RESAMPLES),
        "only_a_right": only_a,
        "only_b_right": only_b,
        "p": round(mcnemar(only_a, only_b), 4),
    }


def _share(right: NDArray[np.bool_]) -> Statistic:
    return lambda rows: float(right[rows].mean())


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2])))
