"""Choose the odds and the window of the dispatch catalogue, out of fold on training data only.

Run `python tests/benchmarks/choose_duty_odds.py A.jsonl B.jsonl` with labelled requests of
`triage import` (about eleven minutes on an idle core); writes evaluation/results/duty_odds.json.
`duty_lead` is the most odds that cost no lead accuracy against the model alone on the requests that
a condition governs; `duty_support` has the best micro-F1. Never given gold_dev or dispute cases.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.truth import Example, fingerprint, read_examples
from training.fit import _cross_fit
from training.heads import SEED, fit_columns
from training.labels import find_heads, spans_of, targets
from training.plans import plain_plans
from training.recipe import load_recipe
from training.split import assign_folds
from training.vocabulary import choose, count, weigh
from triage.catalogue import Catalogue
from triage.catalogue.duties import Duty
from triage.settings import load_settings
from triage.steps.dispatch_index import DispatchIndex
from triage.steps.draft import Draft
from triage.steps.duty_book import DutyBook

RESULT = Path(__file__).resolve().parents[2] / "evaluation/results/duty_odds.json"
FOLDS = 3
AS_OF = date(2026, 3, 1)
LEAD_ODDS = (1, 2, 3, 4, 6, 8, 10, 12, 15, 20, 40)
SUPPORT_ODDS = (1, 1.5, 2, 3, 4, 6, 8)
WINDOWS = (20, 30, 60, 120)


def main() -> int:
    """Fit without each fold in turn, sweep, write."""
    examples = read_examples([Path(name) for name in sys.argv[1:]])
    probabilities, labels = held_out(examples)
    report: dict[str, Any] = {
        "data_sha256": fingerprint(examples),
        "folds": FOLDS,
        "n": len(examples),
    }
    settings = load_settings()
    for window in WINDOWS:
        duties = governing(examples, probabilities["topic"], labels["topic"], window)
        rows = [i for i, duty in enumerate(duties) if duty is not None and not duty.is_default]
        report[f"window_{window}"] = {
            "governed": len(rows),
            "entry_precision": _share([examples[i].lead_unit == duties[i].lead for i in rows]),  # type: ignore[union-attr]
            "lead_accuracy": {
                str(k): lead_accuracy(examples, probabilities, labels, duties, rows, k)
                for k in LEAD_ODDS
            },
            "support_f1": {
                str(k): support_f1(
                    examples, probabilities, labels, duties, rows, k, settings.support_threshold
                )
                for k in SUPPORT_ODDS
            },
            "lead_barred": sum(
                duty is not None and examples[i].lead_unit in duty.barred()
                for i, duty in enumerate(duties)
            ),
        }
    RESULT.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.stdout.write(RESULT.read_text("utf-8"))
    return 0


def held_out(examples: Sequence[Example]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return cross-fitted probabilities of topic, lead and support, and the labels of each."""
    plain = [replace(e, topic2=None, urgency=None, flags=None, request_type=None) for e in examples]
    recipe, heads = load_recipe("default"), find_heads(plain)
    fold = assign_folds(plain, folds=FOLDS, how="group", seed=SEED)
    y = np.concatenate([targets(plain, head) for head in heads], axis=1)
    counted = count([example.document for example in plain], recipe.fields)
    vocabulary = choose(
        counted, min_df=recipe.min_df, max_rows=recipe.table_megabytes * 1_000_000 // y.shape[1]
    )
    X, spans = weigh(counted, vocabulary), spans_of(heads)
    scores = np.empty(y.shape, np.float32)
    for index in range(FOLDS):
        train, held = np.flatnonzero(fold != index), np.flatnonzero(fold == index)
        part = fit_columns(X[train], y[train], plain_plans(heads, recipe))
        scores[held] = X[held] @ part.weights + part.bias
    natural = np.ones(len(y), np.bool_)
    return _cross_fit(heads, spans, scores, y, fold, natural), {
        h.name: list(h.labels) for h in heads
    }


def governing(
    examples: Sequence[Example], topics: NDArray[np.float32], labels: list[str], window: int
) -> list[Duty | None]:
    """Return the entry that governs each example."""
    catalogue = Catalogue.load()
    index = DispatchIndex(catalogue.duties, window=window)
    book = DutyBook(catalogue.duties, index, labels, load_settings().duty_topic)
    found = []
    for row, example in enumerate(examples):
        draft = Draft(example.request, example.document, None, {})  # type: ignore[arg-type]
        ruling = book.ruling(index.of(draft), topics[row], as_of=AS_OF)
        found.append(ruling.duty if ruling else None)
    return found


def lead_accuracy(examples, probabilities, labels, duties, rows, odds) -> float:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Return the share of `rows` whose lead is right with these odds."""
    column = {label: i for i, label in enumerate(labels["lead_unit"])}
    right = [
        labels["lead_unit"][
            int(_lead(probabilities["lead_unit"][i], duties[i], column, odds).argmax())
        ]
        == examples[i].lead_unit
        for i in rows
    ]
    return _share(right)


def support_f1(examples, probabilities, labels, duties, rows, odds, threshold) -> float:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Return the micro-F1 of support on `rows`, at most two named, never one excluded."""
    both = total = 0
    names = labels["support_units"]
    for i in rows:
        row = probabilities["support_units"][i].copy()
        for column, unit in enumerate(names):
            if unit in duties[i].support:
                more = odds * max(float(row[column]), 1e-3)
                row[column] = more / (1 - row[column] + more)
            elif unit in duties[i].excluded:
                row[column] = 0
        said = {names[j] for j in np.argsort(-row)[:2] if row[j] >= threshold}
        truth = set(examples[i].support_units or ())
        both, total = both + len(said & truth), total + len(said) + len(truth)
    return round(2 * both / total, 4)


def _lead(row, duty, column, odds):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    new = row.copy()
    if duty.lead in column:
        new[column[duty.lead]] = max(new[column[duty.lead]], 1e-4) * odds
    new[[column[unit] for unit in duty.barred() if unit in column]] = 0
    return new


def _share(hits: Sequence[bool]) -> float:
    return round(float(np.mean(hits)), 4)


if __name__ == "__main__":
    raise SystemExit(main())
