"""Labels that a model which never saw the row finds unlikely: confident learning.

Northcutt, Jiang and Chuang 2021, "Confident learning: estimating uncertainty in dataset labels",
by the library cleanlab: a label is suspect where the out-of-fold probabilities say so more surely
than they say it of the other rows of that class. A suspect is to be read by a person, not changed.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from cleanlab.filter import find_label_issues

from evaluation.truth import Example, labels_of
from training.fit import Fitted, FittedHead
from triage.model.calibration import Array

CHANCE = 0.2
"""Of 1 / labels. With 5 % of the labels of 2,004 sample requests set wrong, half or more of the
suspects near it were wrong ones, of all suspects a tenth to a third; no committed report."""
DECISIONS = ("topic", "lead_unit", "request_type", "urgency")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label that may be wrong.

    `row` of the examples; `confidence` and `given_probability` are the out-of-fold probabilities of
    the suggested and of the given label. `is_likely`: the latter is below CHANCE of a blind guess.
    """

    row: int
    decision: str
    given: str
    suggested: str
    confidence: float
    given_probability: float
    is_likely: bool


def audited(examples: Sequence[Example]) -> list[Example]:
    """Return the examples with the labels of the audited decisions only."""
    return [replace(e, topic2=None, support_units=None, flags=None) for e in examples]


def find_suspects(examples: Sequence[Example], fitted: Fitted) -> dict[str, list[Suspect]]:
    """Return the suspects of each decision, the least likely label first."""
    return {
        part.head.name: _suspects(examples, part, fitted.held_out[part.head.name])
        for part in fitted.heads
    }


def _suspects(examples: Sequence[Example], part: FittedHead, held_out: Array) -> list[Suspect]:
    name, labels = part.head.name, part.head.labels
    given = [labels_of(example, name) for example in examples]
    rows = np.array([row for row, label in enumerate(given) if label is not None])
    truth = np.array([labels.index(label[0]) for label in given if label is not None])
    probabilities = held_out[rows].astype(np.float64)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    with warnings.catch_warnings():  # that it spares classes of one row
        warnings.filterwarnings("ignore", "May not flag all label issues", UserWarning)
        found = find_label_issues(
            truth, probabilities, return_indices_ranked_by="self_confidence", n_jobs=1
        )
    return [
        Suspect(
            int(rows[index]),
            name,
            labels[truth[index]],
            labels[int(probabilities[index].argmax())],
            float(probabilities[index].max()),
            float(probabilities[index, truth[index]]),
            bool(probabilities[index, truth[index]] < CHANCE / len(labels)),
        )
        for index in found.tolist()
    ]
