"""What guesses are worth: figures of each head and their mean, as functions of rows.

The score of a head with one label a request is the mean of accuracy and macro-F1, so that common
and rare labels both count; with several it is micro-F1. A recipe's score is the mean over heads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import Rows, Statistic
from evaluation.metrics import accuracy, macro_f1, micro_f1
from training.labels import Head
from training.trial import Guess
from triage.model.calibration import Array


def truth_of(head: Head, y: Array) -> NDArray[np.int64]:
    """Return the label index of each row, int64 (n,); -1 where unlabelled. Not for multilabel."""
    index = (y == 0).sum(axis=1) if head.kind == "ordinal" else y.argmax(axis=1)
    return np.where(np.isnan(y[:, 0]), -1, index)


def figures_of(head: Head, y: Array, guess: Guess) -> dict[str, Statistic]:
    """Return the figures of a head as functions of rows; NaN where no row labels it.

    accuracy and macro_f1, or micro_f1 for several labels.
    """
    known = ~np.isnan(y[:, 0])
    if head.kind == "multilabel":
        held, named = y == 1, guess == 1
        return {"micro_f1": _on(known, lambda rows: micro_f1(held[rows], named[rows]))}
    truth, said, k = truth_of(head, y), guess.astype(np.int64), len(head.labels)
    return {
        "accuracy": _on(known, lambda rows: accuracy(truth[rows], said[rows])),
        "macro_f1": _on(known, lambda rows: macro_f1(truth[rows], said[rows], k)),
    }


def recipe_score(
    heads: Sequence[Head], targets: Mapping[str, Array], guesses: Mapping[str, Guess]
) -> Statistic:
    """Return the mean over heads of the mean of each head's figures, as a function of rows."""
    figures = [
        [*figures_of(head, targets[head.name], guesses[head.name]).values()] for head in heads
    ]

    def score(rows: Rows) -> float:
        found = [float(np.mean([one(rows) for one in part])) for part in figures]
        labelled = [value for value in found if not np.isnan(value)]
        return float(np.mean(labelled)) if labelled else float("nan")

    return score


def _on(known: NDArray[np.bool_], statistic: Statistic) -> Statistic:
    def figure(rows: Rows) -> float:
        labelled = rows[known[rows]]
        return statistic(labelled) if len(labelled) else float("nan")

    return figure
