"""What supervised tuning learns: the class of each request for four decisions at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.truth import Example, labels_of

DECISIONS = ("topic", "lead_unit", "request_type", "urgency")
UNSAID = -1


@dataclass(frozen=True, slots=True)
class Target:
    """One decision: its labels, and the class of each example, int64 (n,), -1 where unlabelled."""

    name: str
    labels: tuple[str, ...]
    classes: NDArray[np.int64]


def find_targets(examples: Sequence[Example]) -> tuple[Target, ...]:
    """Return the decisions, of the four, that the examples label with at least two values."""
    found = []
    for name in DECISIONS:
        said = [labels_of(example, name) for example in examples]
        labels = tuple(sorted({label for row in said for label in row or ()}))
        index = {label: number for number, label in enumerate(labels)}
        classes = [index[row[0]] if row else UNSAID for row in said]
        if len(labels) >= 2:
            found.append(Target(name, labels, np.array(classes, np.int64)))
    return tuple(found)
