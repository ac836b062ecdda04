"""Measure the same-event decision: judged pairs out of fold, retrieval, written cases.

Probabilities of the judged pairs come from a training run that never saw the pair's component
(`triage train-same-event --held-out`); the published model is asked about cases, and about fresh
pairs that nobody fitted on. Retrieval uses no label at all, so the published encoder is measured on
the whole pool.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.calibration import calibration_error, debiased_calibration_error
from evaluation.judged_pairs import Pair
from evaluation.metrics import Flags, Floats, macro_f1
from evaluation.ngram_cosine import cosine, text_of, vectors
from evaluation.pairs import (
    average_precision,
    best_f1,
    precision_at,
    recall_at,
    retrieval_recall,
)
from triage.request import Json
from triage.same_event.candidates import JUDGED, Pool
from triage.same_event.entry import Entry
from triage.same_event.model import SameEventModel

RECALL, PRECISION, K = 0.9, 0.98, 10
"""The points at which the issue of the same event asks for figures."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A judged pair and what a decision that had not seen it says of it."""

    pair: Pair
    same: float
    related: float
    merge_from: float
    fast: float
    """P(SAME_EVENT) by the trees alone."""


def measure_pairs(scored: Sequence[Scored], pool: Mapping[str, Entry]) -> dict[str, Json]:
    """Return the figures of the decision and of the baseline on the same pairs."""
    labels = np.array([one.pair.label for one in scored])
    truth = labels == 2
    same = np.array([one.same for one in scored])
    related = np.array([one.related for one in scored])
    merged = same >= np.array([one.merge_from for one in scored])
    guess = np.where(same >= 0.5, 2, np.where(related >= 0.5, 1, 0))
    return {
        "pairs": len(scored),
        "positives": int(truth.sum()),
        "components": len({one.pair.component for one in scored}),
        "model": _figures(truth, same),
        "fast": _figures(truth, np.array([one.fast for one in scored])),
        "baseline": _figures(truth, baseline_scores([one.pair for one in scored], pool)),
        "calibration": {
            "ece": round(calibration_error(truth, same), 4),
            "debiased": round(debiased_calibration_error(truth, same), 4),
        },
        "automatic_merge": {
            "precision": round(float(truth[merged].mean()), 4) if merged.any() else None,
            "recall": round(float(merged[truth].mean()), 4),
        },
        "three_classes": {
            "accuracy": round(float((guess == labels).mean()), 4),
            "macro_f1": round(macro_f1(labels, guess, 3), 4),
        },
    }


def measure_fresh(
    model: SameEventModel, pairs: Sequence[Pair], pool: Mapping[str, Entry]
) -> dict[str, Json]:
    """Return the figures of a model on pairs that it was not fitted on, and of the baseline."""
    scored = []
    for pair in pairs:
        one, other = pool[pair.query], pool[pair.candidate]
        sides = model.prepare(one), [model.prepare(other)]
        same, related = model.probabilities(*sides, closely=True)[0].tolist()
        fast = float(model.probabilities(*sides)[0, 0])
        scored.append(Scored(pair, same, related, model.decision.merge_from, fast))
    return measure_pairs(scored, pool)


def baseline_scores(pairs: Sequence[Pair], pool: Mapping[str, Entry]) -> Floats:
    """Return the cosine of each pair by the plain baseline; the idf is of the whole pool."""
    found = dict(zip(pool, vectors([text_of(entry) for entry in pool.values()]), strict=True))
    return np.array([cosine(found[pair.query], found[pair.candidate]) for pair in pairs])


def measure_retrieval(
    model: SameEventModel, pool: Mapping[str, Entry], pairs: Sequence[Pair], queries: Sequence[str]
) -> dict[str, Json]:
    """Return recall@10 over the whole pool, by vectors alone and by vectors and n-grams."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        if pair.label == 2:
            wanted[pair.query].add(pair.candidate)
            wanted[pair.candidate].add(pair.query)
    prepared = {one: model.prepare(entry) for one, entry in pool.items()}
    index = Pool(list(prepared.values()))
    asked = [one for one in queries if wanted[one]]
    goal = [frozenset(wanted[one]) for one in asked]
    places = list(index.search([prepared[one] for one in asked]))
    dense = list(index.search([prepared[one] for one in asked], dense=K, lexical=0))
    both = [index.ranked(prepared[one], near) for one, near in zip(asked, places, strict=True)]
    named = [[index.entries[place].entry.id for place in found] for found in both]
    return {
        "queries": len(asked),
        "recall_at_10": round(retrieval_recall(goal, named, K), 4),
        "recall_at_30": round(retrieval_recall(goal, named, JUDGED), 4),
        "recall_of_candidates": round(retrieval_recall(goal, named, 10**6), 4),
        "recall_at_10_vectors": round(
            retrieval_recall(goal, [[index.entries[p].entry.id for p in d] for d in dense], K), 4
        ),
    }


@dataclass(frozen=True, slots=True)
class Case:
    """A written pair: its `kind` of difficulty and its label."""

    kind: str
    label: str
    a: Entry
    b: Entry


def measure_cases(model: SameEventModel, cases: Sequence[Case]) -> dict[str, Json]:
    """Return how often the label is right, in all and by kind, and what was called one event."""
    verdicts = [model.judge(case.a, [case.b], closely=True)[0] for case in cases]
    right: Counter[str] = Counter()
    same: Counter[str] = Counter()
    count = Counter(case.kind for case in cases)
    for case, verdict in zip(cases, verdicts, strict=True):
        right[case.kind] += verdict.label == case.label
        same[case.kind] += verdict.label == "SAME_EVENT"
    truth: Flags = np.array([case.label == "SAME_EVENT" for case in cases])
    probabilities = np.array([verdict.probability for verdict in verdicts])
    return {
        "cases": len(cases),
        "accuracy": round(sum(right.values()) / len(cases), 4),
        **_figures(truth, probabilities),
        "kinds": {
            kind: {"cases": n, "right": right[kind], "said_same": same[kind]}
            for kind, n in count.items()
        },
    }


def _figures(truth: Flags, score: Floats) -> dict[str, Json]:
    return {
        "average_precision": round(average_precision(truth, score), 4),
        "best_f1": round(best_f1(truth, score), 4),
        "precision_at_recall_0.9": round(precision_at(RECALL, truth, score), 4),
        "recall_at_precision_0.98": round(recall_at(PRECISION, truth, score), 4),
    }
