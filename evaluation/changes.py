"""What changes for people when one model takes another's place: requests answered differently."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.answers import Answers
from evaluation.measured import Measured
from evaluation.truth import Example
from triage.intake.rejects import inert

BETTER, WORSE, BOTH_WRONG = "better", "worse", "both_wrong"
COLUMNS = ("id", "decision", "verdict", "truth", "a", "b")


@dataclass(frozen=True, slots=True)
class Change:
    """One decision on one request that two models answer differently; labels in their order.

    `verdict` counts wrong labels, named too many or missed: fewer in B is `better`, more is
    `worse`, as many is `both_wrong`.
    """

    id: str
    decision: str
    truth: tuple[str, ...]
    a: tuple[str, ...]
    b: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """Whether B is better, worse or as wrong as A."""
        wrong_a, wrong_b = (len({*said} ^ {*self.truth}) for said in (self.a, self.b))
        return BOTH_WRONG if wrong_a == wrong_b else BETTER if wrong_b < wrong_a else WORSE


def find_changes(a: Answers, b: Answers, examples: Sequence[Example]) -> list[Change]:
    """Return the changes in decisions that both models learned, by decision, then by row."""
    return [
        change
        for name in a.decisions
        if name in b.decisions
        for change in _changes(a, b, name, examples)
    ]


def count_changes(changes: Sequence[Change], decision: str) -> dict[str, int]:
    """Return how many changes of a decision are better, worse, both wrong."""
    found = Counter(change.verdict for change in changes if change.decision == decision)
    return {verdict: found[verdict] for verdict in (BETTER, WORSE, BOTH_WRONG)}


def to_csv(changes: Sequence[Change]) -> str:
    """Return the changes as CSV for spreadsheets (UTF-8 with a mark, no live formulae)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for change in changes:
        labels = (";".join(part) for part in (change.truth, change.a, change.b))
        writer.writerow(
            inert(cell) for cell in (change.id, change.decision, change.verdict, *labels)
        )
    return "\ufeff" + text.getvalue()


def _changes(a: Answers, b: Answers, name: str, examples: Sequence[Example]) -> Iterator[Change]:
    one, other = a.decisions[name], b.decisions[name]
    for row, truth, said_a, said_b in zip(
        a.rows[name].tolist(), one.truth, _said(one), _said(other), strict=True
    ):
        if said_a != said_b:
            yield Change(examples[row].id, name, truth, said_a, said_b)


def _said(decision: Measured) -> list[tuple[str, ...]]:
    names = decision.names()
    if not decision.is_multilabel:
        return [(names[index],) for index in decision.guess_index().tolist()]
    return [
        tuple(sorted(names[index] for index in np.flatnonzero(row)))
        for row in decision.guess_matrix()
    ]
