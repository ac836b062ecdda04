"""Set 5 % of the sample's labels wrong, audit them, count how many of the suspects are wrong ones.

Wrong labels are drawn evenly from the others, which is easier to see than a person's confusion.
Run `python tests/benchmarks/bench_audit.py`; writes evaluation/results/audit_injected.json.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from evaluation.truth import Example, labels_of, read_examples
from training.audit.suspects import DECISIONS, audited, find_suspects
from training.fit import fit
from training.recipe import load_recipe

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "datasets/sample/train.jsonl"
RESULT = ROOT / "evaluation/results/audit_injected.json"
SHARE, SEED = 0.05, 1


def main() -> int:
    """Spoil, audit, count; print and keep the figures."""
    examples = audited(read_examples([SAMPLE]))
    wrong = {decision: spoil(examples, decision) for decision in DECISIONS}
    found = find_suspects(examples, fit(examples, load_recipe("default")))
    figures = {
        "n": len(examples),
        "wrong": {decision: len(rows) for decision, rows in wrong.items()},
        "seed": SEED,
        "decisions": {
            decision: {
                "all": counted([one.row for one in found[decision]], wrong[decision]),
                "likely": counted(
                    [one.row for one in found[decision] if one.is_likely], wrong[decision]
                ),
                "first_100": counted([one.row for one in found[decision]][:100], wrong[decision]),
            }
            for decision in DECISIONS
        },
    }
    RESULT.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.stdout.write(RESULT.read_text("utf-8"))
    return 0


def spoil(examples: list[Example], decision: str) -> set[int]:
    """Set a share of the labels wrong in place; return the rows."""
    rng = np.random.default_rng([SEED, DECISIONS.index(decision)])
    labels = sorted({(labels_of(example, decision) or ("",))[0] for example in examples} - {""})
    rows = rng.choice(len(examples), round(SHARE * len(examples)), replace=False)
    for row in rows.tolist():
        given = (labels_of(examples[row], decision) or ("",))[0]
        other = str(rng.choice([label for label in labels if label != given]))
        value: dict[str, str | int] = {decision: int(other) if decision == "urgency" else other}
        examples[row] = replace(examples[row], **value)  # type: ignore[arg-type]
    return set(rows.tolist())


def counted(suspects: list[int], wrong: set[int]) -> dict[str, float]:
    """Return the number of suspects, the share that is wrong, and the share of the wrong found."""
    hits = len(set(suspects) & wrong)
    return {
        "suspects": len(suspects),
        "precision": round(hits / max(1, len(suspects)), 3),
        "recall": round(hits / len(wrong), 3),
    }


if __name__ == "__main__":
    raise SystemExit(main())
