"""Where a model is weak: slices of the data, and the labels it takes for one another.

Slices say in what company figures are lower: style, first level, length, district. Those of fewer
than `LEAST` rows are left out, their figures would be noise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from evaluation.answers import Answers, first_levels
from evaluation.measured import Measured
from evaluation.metrics import Flags, wilson
from evaluation.rounding import rounded
from evaluation.truth import Example
from triage.model.trust import TOPIC_L1
from triage.request import Json

LEAST = 30
COMMONEST = 20
LETTER = "letter"
"""Style of requests that do not say theirs: written messages."""
SHORT, LONG = 60, 250
"""Characters of masked text: a note is short, the average message of 250 the border to long."""


def slices(answers: Answers, examples: Sequence[Example]) -> dict[str, Json]:
    """Return `{kind: {slice: {decision: {metric, n, interval, confidence}}}}`, rows permitting."""
    found = slice_names(answers, examples)
    return {kind: part for kind, values in found.items() if (part := _kind(answers, values))}


def slice_names(answers: Answers, examples: Sequence[Example]) -> dict[str, Sequence[str | None]]:
    """Return by kind the slice in which each example is; None where it is in none."""
    return {
        "style": [example.style or LETTER for example in examples],
        "l1": _first_level_of_truth(answers, examples),
        "length": [length_name(example) for example in examples],
        "district": [example.district for example in examples],
    }


def confusions(answers: Answers) -> dict[str, Json]:
    """Return the commonest mistakes of each decision with one label a request.

    Returns
    -------
    dict decision → list of {truth, guess, count, share}, at most COMMONEST, commonest first
        `share` is of the truth's rows.
    """
    return {
        name: commonest(decision)
        for name, decision in answers.decisions.items()
        if not decision.is_multilabel
    }


def commonest(decision: Measured) -> list[Json]:
    """Return the commonest mistakes of one decision; ties by label."""
    names = decision.names()
    truth, guess = decision.truth_index(), decision.guess_index()
    support = np.bincount(truth, minlength=len(names))
    wrong = truth != guess
    pairs = Counter(zip(truth[wrong].tolist(), guess[wrong].tolist(), strict=True))
    ranked = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    return [
        {
            "truth": names[t],
            "guess": names[g],
            "count": count,
            "share": rounded(count / int(support[t])),
        }
        for (t, g), count in ranked[:COMMONEST]
    ]


def _kind(answers: Answers, values: Sequence[str | None]) -> dict[str, Json]:
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row, value in enumerate(values):
        if value is not None:
            rows[value].append(row)
    result: dict[str, Json] = {}
    for value in sorted(rows):
        chosen = np.zeros(len(values), np.bool_)
        chosen[rows[value]] = True
        if len(rows[value]) >= LEAST:
            result[value] = _slice(answers, chosen)
    return result


def _slice(answers: Answers, chosen: Flags) -> dict[str, Json]:
    figures: dict[str, Json] = {"n": int(chosen.sum())}
    for name, decision in answers.decisions.items():
        rows = np.flatnonzero(chosen[answers.rows[name]])
        if len(rows) < LEAST:
            continue
        metric, statistic = decision.headline()
        value = statistic(rows)
        figures[name] = {metric: rounded(value), "n": len(rows)}
        if metric == "accuracy":
            low, high = wilson(value, len(rows))
            figures[name] = {
                metric: rounded(value),
                "n": len(rows),
                "interval": [rounded(low), rounded(high)],
                "confidence": rounded(float(decision.confidence()[rows].mean())),
            }
    return figures


def _first_level_of_truth(answers: Answers, examples: Sequence[Example]) -> Sequence[str | None]:
    if answers.catalogue is None or TOPIC_L1 not in answers.decisions:
        return [None] * len(examples)
    topics = [example.topic for example in examples]
    named = first_levels(answers.catalogue, [topic or "" for topic in topics])
    return [name if topic else None for topic, name in zip(topics, named, strict=True)]


def length_name(example: Example) -> str:
    """Return the slice of lengths that a request is in."""
    n = len(example.text)
    return f"<{SHORT}" if n < SHORT else f">{LONG}" if n > LONG else f"{SHORT}-{LONG}"
