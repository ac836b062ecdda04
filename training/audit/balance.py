"""How labels are spread over the classes of each decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from evaluation.rounding import rounded
from evaluation.truth import Example, labels_of
from training.labels import MIN_SUPPORT
from triage.request import Json

FEW = 20
"""Below it a class is few-shot: five folds leave fewer than four to measure it on."""


def class_counts(examples: Sequence[Example], decision: str) -> dict[str, int]:
    """Return the rows of each label, the commonest first."""
    found = Counter(label for example in examples for label in labels_of(example, decision) or ())
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def balance(counts: dict[str, int]) -> dict[str, Json]:
    """Return figures of the spread.

    Returns
    -------
    dict
        n, classes, largest, median, smallest, imbalance (largest / median), effective (exp of the
        entropy: as many equal classes would be as uncertain), few (classes below FEW rows), rare
        (below MIN_SUPPORT: not in every fold), and `few_labels` by name.
    """
    values = np.array(list(counts.values()), np.float64)
    share = values / values.sum()
    return {
        "n": int(values.sum()),
        "classes": len(values),
        "largest": int(values.max()),
        "median": rounded(float(np.median(values))),
        "smallest": int(values.min()),
        "imbalance": rounded(float(values.max() / np.median(values))),
        "effective": rounded(float(np.exp(-(share * np.log(share)).sum()))),
        "few": int((values < FEW).sum()),
        "rare": int((values < MIN_SUPPORT).sum()),
        "few_labels": {label: count for label, count in counts.items() if count < FEW},
    }
