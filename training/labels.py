"""What is learned of a labelled request: the heads, their labels and their target columns.

A head is one decision. Any label set will do: labels are whatever strings the data hold. What a
column's scores become is `training.calibrate`'s business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.truth import Example, labels_of

MIN_SUPPORT = 5
"""A multi-label code seen in fewer examples gets no column: nothing could be held out of it."""


@dataclass(frozen=True, slots=True)
class Head:
    """One decision: `kind` is multiclass, ordinal (cumulative columns) or multilabel."""

    name: str
    kind: str
    labels: tuple[str, ...]

    @property
    def columns(self) -> int:
        """How many linear columns the head owns."""
        return len(self.labels) - 1 if self.kind == "ordinal" else len(self.labels)


KINDS = {
    "topic": "multiclass",
    "topic2": "multilabel",
    "request_type": "multiclass",
    "urgency": "ordinal",
    "lead_unit": "multiclass",
    "support_units": "multilabel",
    "flags": "multilabel",
}


def find_heads(examples: Sequence[Example]) -> tuple[Head, ...]:
    """Return a head for every decision that the examples label with at least two values."""
    heads = []
    for name, kind in KINDS.items():
        counts = Counter(label for example in examples for label in labels_of(example, name) or ())
        least = MIN_SUPPORT if kind == "multilabel" else 1
        names = sorted(label for label, count in counts.items() if count >= least)
        if len(names) >= (1 if kind == "multilabel" else 2):
            heads.append(Head(name, kind, tuple(names)))
    return tuple(heads)


def targets(examples: Sequence[Example], head: Head) -> NDArray[np.float32]:
    """Return the target columns of a head.

    Returns
    -------
    float32 array (n, head.columns)
        1 where the column holds, 0 where not, NaN in rows that do not label this decision.
    """
    index = {label: column for column, label in enumerate(head.labels)}
    found = np.full((len(examples), len(head.labels)), np.nan, np.float32)
    for row, example in enumerate(examples):
        labels = labels_of(example, head.name)
        if labels is None:
            continue
        found[row] = 0
        for label in labels:
            if label in index:
                found[row, index[label]] = 1
    if head.kind == "ordinal":
        return np.cumsum(found, axis=1)[:, :-1]
    return found


def spans_of(heads: Sequence[Head]) -> dict[str, slice]:
    """Return the columns of each head, side by side in the given order."""
    edges = np.cumsum([0] + [head.columns for head in heads]).tolist()
    return {
        head.name: slice(start, stop)
        for head, start, stop in zip(heads, edges[:-1], edges[1:], strict=True)
    }
