"""Compare two models on the same labelled requests: which is better, in what, and where.

The report is one JSON value without texts and ids; `comparison_page` shows it to people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from evaluation.answers import Answers
from evaluation.bootstrap import RESAMPLES
from evaluation.breakdown import LEAST, slice_names
from evaluation.changes import Change, count_changes
from evaluation.measured import Measured
from evaluation.paired import LEVEL_OF_INTERVAL, mcnemar, paired, statistics
from evaluation.rounding import rounded
from evaluation.truth import Example, fingerprint
from triage.errors import UnusableFile
from triage.request import Json

SCHEMA = 1
_SUPPORT = (10, 50)
"""Rows of a label in the data: below the first it is rare, from the second on common."""


def compare(
    a: Answers,
    b: Answers,
    examples: Sequence[Example],
    changes: Sequence[Change],
    *,
    trained_on: Sequence[str] = (),
    resamples: int = RESAMPLES,
) -> dict[str, Json]:
    """Return the report of B against A.

    Parameters
    ----------
    changes : of `find_changes`
    trained_on : `data_sha256` of both manifests

    Raises
    ------
    UnusableFile
        The models have no labelled decision in common.
    """
    shared = [name for name in a.decisions if name in b.decisions]
    if not shared:
        raise UnusableFile(
            f"{a.version} 与 {b.version} 没有共同的、数据也有标签的决策：无从比较，请检查标签列"
        )
    data = fingerprint(examples)
    decisions: dict[str, Json] = {
        name: _decision(
            a.decisions[name], b.decisions[name], count_changes(changes, name), resamples
        )
        for name in shared
    }
    return {
        "schema": SCHEMA,
        "a": a.version,
        "b": b.version,
        "data_sha256": data,
        "is_training_data": data in trained_on,
        "n": len(examples),
        "resamples": resamples,
        "level": LEVEL_OF_INTERVAL,
        "decisions": decisions,
        "not_compared": [*sorted({*a.decisions} ^ {*b.decisions})],
        "slices": _slices(a, b, shared, examples, resamples),
    }


def is_apart(figures: Mapping[str, Json]) -> int:
    """Return 1 where the interval of a difference lies above zero, -1 below, else 0."""
    ends = figures["interval"]
    assert isinstance(ends, list)
    low, high = ends
    if not isinstance(low, float) or not isinstance(high, float):
        return 0
    return 1 if low > 0 else -1 if high < 0 else 0


def _decision(
    a: Measured, b: Measured, changes: Mapping[str, int], resamples: int
) -> dict[str, Json]:
    rows = np.arange(len(a.truth))
    of_a, of_b = statistics(a), statistics(b)
    figures: dict[str, Json] = {
        "n": len(rows),
        "figures": {name: paired(of_a[name], of_b[name], rows, resamples) for name in of_a},
        "changed": dict(changes),
    }
    if not a.is_multilabel:
        right_a, right_b = (one.truth_index() == one.guess_index() for one in (a, b))
        only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
        p = mcnemar(only_a, only_b)
        figures["mcnemar"] = {"only_a": only_a, "only_b": only_b, "p": rounded(p)}
    return figures


def _slices(
    a: Answers, b: Answers, shared: Sequence[str], examples: Sequence[Example], resamples: int
) -> dict[str, Json]:
    """Return `{kind: {slice: {decision: figures}}}` of the headline, slices of LEAST rows up."""
    found: dict[str, dict[str, dict[str, Json]]] = {}
    known = a if a.catalogue is not None else b
    by_example = slice_names(known, examples)
    for name in shared:
        one, other = a.decisions[name], b.decisions[name]
        kinds = {
            kind: [values[row] for row in a.rows[name].tolist()]
            for kind, values in by_example.items()
        }
        if not one.is_multilabel:
            kinds["support"] = _supports(one)
        of_a, of_b = one.headline()[1], other.headline()[1]
        for kind, values in kinds.items():
            for value, count in sorted(Counter(v for v in values if v is not None).items()):
                if count >= LEAST:
                    rows = np.flatnonzero([this == value for this in values])
                    figures = {"n": count, **paired(of_a, of_b, rows, resamples)}
                    found.setdefault(kind, {}).setdefault(value, {})[name] = figures
    return {kind: dict(values) for kind, values in found.items()}


def _supports(decision: Measured) -> list[str | None]:
    """Return how common each row's label is in the data."""
    count = Counter(row[0] for row in decision.truth)
    rare, common = _SUPPORT
    names = (f"<{rare}", f"{rare}-{common - 1}", f">={common}")
    return [names[(count[row[0]] >= rare) + (count[row[0]] >= common)] for row in decision.truth]
