"""One decision of a model on labelled requests: truth and probabilities, as plain arrays.

Out-of-fold scores of a training run and answers of a published model take the same form, so the
same code measures both. Labels that the model does not know stay labels: they count as wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics import Flags, Labels

MULTILABEL, ORDINAL, LEVEL = "multilabel", "ordinal", "level"
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Measured:
    """One decision on n requests.

    Parameters
    ----------
    kind : "multiclass" or "ordinal" (one label a row), "multilabel" (any number), or "level": an
        urgency that was given with one confidence, not a distribution
    labels : the model's labels (k)
    truth : n tuples of labels, of length 1 unless multilabel
    probabilities : float (n, k)
    threshold : from which probability a multilabel label is named, one for all or one a label
    guesses : int64 (n,), where the answer is not simply the most probable label
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    truth: tuple[tuple[str, ...], ...]
    probabilities: NDArray[np.float32]
    threshold: float | tuple[float, ...] = THRESHOLD
    guesses: Labels | None = None

    def __post_init__(self) -> None:
        if not self.truth:
            raise ValueError(f"{self.name}: no labelled rows")
        if self.probabilities.shape != (len(self.truth), len(self.labels)):
            raise ValueError(f"{self.name}: probabilities of shape {self.probabilities.shape}")
        if not self.is_multilabel and any(len(row) != 1 for row in self.truth):
            raise ValueError(f"{self.name}: rows need exactly one label")

    @property
    def is_multilabel(self) -> bool:
        """Whether a row may hold any number of labels."""
        return self.kind == MULTILABEL

    def unknown(self) -> Counter[str]:
        """Return how often each label occurs that the model does not know."""
        known = set(self.labels)
        return Counter(label for row in self.truth for label in row if label not in known)

    def names(self) -> tuple[str, ...]:
        """Return the model's labels, then the unknown ones, sorted."""
        return (*self.labels, *sorted(self.unknown()))

    def truth_index(self) -> Labels:
        """Return the true label of each row as an index into `names()`, int64 (n,)."""
        index = {label: position for position, label in enumerate(self.names())}
        return np.array([index[row[0]] for row in self.truth], np.int64)

    def guess_index(self) -> Labels:
        """Return the answered label of each row, int64 (n,); ties go to the first label."""
        return self.probabilities.argmax(axis=1) if self.guesses is None else self.guesses

    def confidence(self) -> NDArray[np.float32]:
        """Return the probability of the answered label, float (n,)."""
        return self.probabilities[np.arange(len(self.truth)), self.guess_index()]

    def truth_matrix(self) -> Flags:
        """Return which of `names()` hold, bool (n, len(names()))."""
        index = {label: position for position, label in enumerate(self.names())}
        found = np.zeros((len(self.truth), len(index)), np.bool_)
        for row, labels in enumerate(self.truth):
            found[row, [index[label] for label in labels]] = True
        return found

    def guess_matrix(self) -> Flags:
        """Return which of `names()` are named, bool (n, len(names()))."""
        unknown = np.zeros((len(self.truth), len(self.unknown())), np.bool_)
        return np.hstack([self.probabilities >= np.asarray(self.threshold), unknown])

    def headline(self) -> tuple[str, Callable[[NDArray[np.int64]], float]]:
        """Return the name of the decision's first figure, and that figure of any rows."""
        if not self.is_multilabel:
            right = self.truth_index() == self.guess_index()
            return "accuracy", lambda rows: float(right[rows].mean())
        truth, guess = self.truth_matrix(), self.guess_matrix()
        hits = (truth & guess).sum(axis=1)
        total = truth.sum(axis=1) + guess.sum(axis=1)

        def micro(rows: NDArray[np.int64]) -> float:
            whole = int(total[rows].sum())
            return 2 * int(hits[rows].sum()) / whole if whole else 1.0

        return "micro_f1", micro
