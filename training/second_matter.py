"""Fit the scorer of second matters on held-out clauses, and choose from where it splits.

Each fold's weights read the clauses of the fold they were not fitted on; one logistic regression
over all candidates follows. A pair of topics is right in either order, for which of two matters
comes first is the annotator's choice. Its threshold is the best F1 out of fold among those that
split at most `FALSE_SPLITS` of the requests about one matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from evaluation.matters import Split, tally
from evaluation.truth import Example
from training.heads import Columns
from training.quantise import quantise
from training.vocabulary import Vocabulary
from triage.model.clauses import Clauses, read_clauses
from triage.model.features import Field
from triage.model.linear import LinearModel
from triage.model.second_matter import (
    FEATURES,
    Array,
    SecondMatter,
    candidate_features,
    candidates,
)
from triage.request import Json
from triage.text.clauses import clause_starts

FALSE_SPLITS = 0.03
"""Share of requests about one matter that may be split; the house's ceiling."""
LOOKED_AT, WITH_CUE = 0.1, 0.3
"""Shares of requests that are looked at for their words alone, and where a clear cue stands too."""
LEAST = 20
"""Requests with a second matter below which nothing is fitted."""
PRIOR, ODDS_C = 20.0, 0.3
_TINY = 1e-5


@dataclass(frozen=True, slots=True)
class FittedSecond:
    """The scorer, and its figures out of fold."""

    scorer: SecondMatter
    figures: dict[str, Json]


class ClauseNotes:
    """The clauses of every example, each scored by weights that never saw it."""

    def __init__(
        self,
        examples: Sequence[Example],
        fields: Sequence[Field],
        vocabulary: Vocabulary,
        topics: slice | None,
    ) -> None:
        self._examples = examples
        self._fields = tuple(fields)
        self._vocabulary = vocabulary
        self._topics = topics
        self._noted: dict[int, tuple[list[Clauses], Array]] = {}

    @property
    def wanted(self) -> bool:
        """Whether there is anything to learn: topics, and enough second ones."""
        two = sum(bool(example.topic2) for example in self._examples)
        names = [field.name for field in self._fields]
        return self._topics is not None and two >= LEAST and names == ["title", "text"]

    def add(self, held: NDArray[np.int64], rows: NDArray[np.int64], part: Columns) -> None:
        """Note the held examples' clauses; `rows` of the vocabulary weigh something in `part`."""
        if not self.wanted or self._topics is None:
            return
        columns = range(self._topics.start, self._topics.stop)
        v = self._vocabulary
        table, scale = quantise(part.weights[rows][:, self._topics])
        slot = np.full(len(v.bucket), len(rows), np.int32)
        slot[rows] = np.arange(len(rows), dtype=np.int32)
        bias = part.bias[self._topics]
        linear = LinearModel(
            self._fields, bucket=v.bucket, field_start=v.field_start, idf=v.idf,
            slot=slot, table=table, scale=scale, bias=bias,
        )  # fmt: skip
        every = range(len(columns))
        for row in held.tolist():
            document = self._examples[row].document
            starts = [clause_starts(document.title, is_title=True), clause_starts(document.text)]
            found = read_clauses(linear, document, linear.read(document), starts, every)
            self._noted[row] = ([_small(field) for field in found], bias)

    def fit(
        self, labels: Sequence[str], held_out: Mapping[str, Array], fold: NDArray[np.int64]
    ) -> FittedSecond | None:
        """Fit the scorer; None where there is too little to learn from."""
        if not self.wanted or "topic2" not in held_out:
            return None
        index = {label: column for column, label in enumerate(labels)}
        known = [
            row
            for row, example in enumerate(self._examples)
            if example.topic in index and example.topic2 is not None
        ]
        pairs = np.array([_pair(self._examples[row], index) for row in known], np.int64)
        presence = held_out["topic2"][known, 0].astype(np.float64)
        table = _Candidates.of(self, known, pairs, held_out["topic"], presence, fold)
        letters = np.array([self._examples[row].style is None for row in known])
        return table.fit(fold[known], link_of(pairs, len(labels)), letters)

    def features(
        self, row: int, topics: Array, presence: float, link: Array
    ) -> tuple[list[int], Array]:
        """Return the candidates of an example, the first topic first, and their features."""
        chosen = candidates(topics)
        clauses, bias = self._noted[row]
        fields = [
            Clauses(part.starts, part.added[:, chosen].astype(np.float32), part.gram)
            for part in clauses
        ]
        return chosen, candidate_features(
            self._examples[row].document,
            fields,
            bias[chosen],
            chances=topics[chosen],
            link=link[chosen[0], chosen[1:]],
            presence=presence,
        )


def link_of(pairs: NDArray[np.int64], k: int) -> Array:
    """Return log P(topic meets the first in one request | first), float32 (k, k).

    Parameters
    ----------
    pairs : int64 (n, 2), first and second topic of a request; -1 where there is no second
    """
    together = np.zeros((k, k))
    two = pairs[pairs[:, 1] >= 0]
    np.add.at(together, (two[:, 0], two[:, 1]), 1)
    together = together + together.T
    overall = together.sum(axis=0) / max(together.sum(), 1)
    count = np.bincount(pairs[:, 0], minlength=k)[:, None]
    table: Array = np.log((together + 2 * overall) / (count + PRIOR) + _TINY).astype(np.float32)
    return table


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Every candidate of every example: features (c, FEATURES), whose it is, whether right."""

    features: Array
    owner: NDArray[np.int64]
    named: NDArray[np.int64]
    right: NDArray[np.bool_]
    pairs: NDArray[np.int64]
    presence: NDArray[np.float64]
    clear: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        notes: ClauseNotes,
        known: Sequence[int],
        pairs: NDArray[np.int64],
        topics: Array,
        presence: NDArray[np.float64],
        fold: NDArray[np.int64],
    ) -> _Candidates:
        """Build the table; links of a fold come from the other folds."""
        k = topics.shape[1]
        folds = fold[list(known)]
        links = {int(f): link_of(pairs[folds != f], k) for f in np.unique(folds)}
        rows: list[Array] = []
        owner, named = [], []
        for position, row in enumerate(known):
            chosen, found = notes.features(
                row, topics[row], float(presence[position]), links[int(fold[row])]
            )
            rows.append(found)
            owner += [position] * len(found)
            named += [(chosen[0], other) for other in chosen[1:]]
        whose, pair = np.array(owner, np.int64), np.array(named, np.int64)
        truth = pairs[whose]
        right = (pair == truth).all(axis=1) | (pair == truth[:, ::-1]).all(axis=1)
        scorer = SecondMatter(np.zeros(FEATURES, np.float32), 0.0, links[0], 2.0, 0.0, 1.0)
        documents = [notes._examples[row].document for row in known]
        clear = np.array([scorer.worth_looking(0.0, document) for document in documents])
        return cls(np.concatenate(rows), whose, pair, right, pairs, presence, clear)

    def fit(self, fold: NDArray[np.int64], link: Array, letters: NDArray[np.bool_]) -> FittedSecond:
        """Fit out of fold for the threshold and the figures, and on everything for use."""
        gate = float(np.quantile(self.presence, 1 - LOOKED_AT))
        with_cue = float(np.quantile(self.presence, 1 - WITH_CUE))
        looked = (self.presence >= gate) | (self.clear & (self.presence >= with_cue))
        chance = np.zeros(len(self.owner))
        for index in np.unique(fold):
            out = fold[self.owner] == index
            weights, offset = _logistic(self.features[~out], self.right[~out])
            chance[out] = 1 / (1 + np.exp(-(self.features[out] @ weights + offset)))
        chance[~looked[self.owner]] = 0
        splits = self._splits(chance)
        threshold = _threshold(splits)
        weights, offset = _logistic(self.features, self.right)
        figures = tally(splits, threshold) | {"looked_at": round(float(looked.mean()), 4)}
        only = [
            split for split, is_letter in zip(splits, letters.tolist(), strict=True) if is_letter
        ]
        figures["letters"] = tally(only, threshold)
        scorer = SecondMatter(weights, offset, link, gate, with_cue, threshold)
        return FittedSecond(scorer, figures)

    def _splits(self, chance: NDArray[np.float64]) -> list[Split]:
        best = np.full(len(self.pairs), -1)
        for position in np.argsort(chance, kind="stable"):
            best[self.owner[position]] = position
        return [
            Split(
                float(chance[at]), tuple(self.named[at].tolist()),
                tuple(label for label in pair if label != -1),
            )
            for at, pair in zip(best.tolist(), self.pairs.tolist(), strict=True)
        ]  # fmt: skip


def _threshold(splits: Sequence[Split]) -> float:
    """Return the best threshold among the chances that occur; 1 where none is allowed."""
    best, chosen = -1.0, 1.0
    for threshold in np.unique(np.quantile([s.chance for s in splits], np.linspace(0.5, 1, 401))):
        found = tally(splits, float(threshold))
        rate, f1 = found["false_split"], found["right_f1"]
        if isinstance(rate, float) and isinstance(f1, float) and rate <= FALSE_SPLITS and f1 > best:
            best, chosen = f1, float(threshold)
    return chosen


def _logistic(features: Array, right: NDArray[np.bool_]) -> tuple[Array, float]:
    """Return weights and offset on the features as they are; fitted on standardised ones."""
    centre, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    if not right.any():
        return np.zeros(FEATURES, np.float32), -9.0
    model = LogisticRegression(C=ODDS_C, max_iter=3000).fit((features - centre) / spread, right)
    weights = (model.coef_[0] / spread).astype(np.float32)
    return weights, float(model.intercept_[0] - weights @ centre)


def _pair(example: Example, index: Mapping[str, int]) -> tuple[int, int]:
    """Return both topics as indices: -1 without a second, -2 where no column knows it."""
    assert example.topic is not None  # only such examples are asked
    return index[example.topic], index.get(example.topic2, -2) if example.topic2 else -1


def _small(clauses: Clauses) -> Clauses:
    return Clauses(clauses.starts, clauses.added.astype(np.float16), clauses.gram)
