"""Try recipes on splits: fit on some rows, answer the others, remember what was answered.

The features know only the rows fitted on, as a deployed model would. Answers are the highest raw
score; calibration, which moves few answers, is left to the real training run (`training.fit`), and
so are emphasis, an encoder and the size of the table.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from evaluation.bootstrap import Rows
from evaluation.truth import Example
from training.fit import with_copies
from training.heads import fit_columns
from training.labels import Head, find_heads, targets
from training.plans import plain_plans
from training.recipe import Recipe
from training.vocabulary import choose, count, weigh
from triage.errors import UnusableFile
from triage.model.calibration import Array

Guess = NDArray[np.int16]
"""(n,) index of a label, or (n, labels) of 0 and 1 where a request may hold several."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows to fit on and rows to answer; the name tells it from other parts of the same data."""

    name: str
    train: Rows
    held: Rows


class Trials:
    """Labelled requests on which recipes are tried.

    Trials whose features are the same count and weigh them once, and a head that differs in nothing
    is fitted once, so a grid over the heads' own regularisation costs a sum, not a product.

    Raises
    ------
    UnusableFile
        None of the named decisions is labelled with two values or more.
    """

    def __init__(self, examples: Sequence[Example], names: Sequence[str] | None = None) -> None:
        """Find the heads; `names` restricts them."""
        found = find_heads(examples)
        self.heads = tuple(head for head in found if names is None or head.name in names)
        if not self.heads:
            raise UnusableFile(
                "数据没有可学习的标签：至少一列（topic、urgency 等）要有两个以上的值"
            )
        self.examples = examples
        self.targets = {head.name: targets(examples, head) for head in self.heads}
        self.known: dict[Hashable, Guess] = {}
        self._counted: tuple[Hashable, _Counted] | None = None
        self._matrices: tuple[Hashable, _Matrices] | None = None

    def answer(self, recipe: Recipe, part: Part) -> dict[str, Guess]:
        """Return each head's guesses for `part.held`, fitted on `part.train`."""
        return {head.name: self._guess(recipe, part, head) for head in self.heads}

    def remember(self, recipe: Recipe, part: str, guesses: dict[str, Guess]) -> None:
        """Take guesses of an earlier run as known."""
        for head in self.heads:
            self.known[_head_key(recipe, part, head)] = guesses[head.name]

    def _guess(self, recipe: Recipe, part: Part, head: Head) -> Guess:
        key = _head_key(recipe, part.name, head)
        if key not in self.known:
            matrices = self._weighed(recipe, part)
            y = self.targets[head.name][matrices.source]
            fitted = fit_columns(
                matrices.X,
                y,
                plain_plans([head], recipe),
                sample_weight=matrices.weight,
            )
            scores = matrices.X_held @ fitted.weights + fitted.bias
            rate = float((y == 1).sum() / max(1, (~np.isnan(y)).sum()))
            self.known[key] = decide(head.kind, scores, rate)
        return self.known[key]

    def _weighed(self, recipe: Recipe, part: Part) -> _Matrices:
        key = (_feature_key(recipe), tuple(recipe.weights.items()), part.name)
        if self._matrices is None or self._matrices[0] != key:
            self._matrices = (key, _matrices(self._count(recipe), recipe, part))
        return self._matrices[1]

    def _count(self, recipe: Recipe) -> _Counted:
        key = (recipe.fields, recipe.untitled_copies)
        if self._counted is None or self._counted[0] != key:
            shown, source = with_copies(self.examples, recipe.untitled_copies)
            counted = count([example.document for example in shown], recipe.fields)
            styles = tuple(example.style or "letter" for example in shown)
            self._counted = (key, _Counted([matrix for matrix, _ in counted], source, styles))
        return self._counted[1]


def decide(kind: str, scores: Array, rate: float) -> Guess:
    """Return what raw scores (n, columns) of a head say: the label, or which labels hold.

    Separators are too shy with rare labels, so of several labels the surest share `rate` is named:
    as large a share of all cells as holds in the rows fitted on.
    """
    if kind == "multilabel":
        said = scores > np.quantile(scores, 1 - rate)
    elif kind == "ordinal":  # column j says "at most label j"
        said = (scores <= 0).sum(axis=1)
    else:
        said = scores.argmax(axis=1)
    guess: Guess = said.astype(np.int16)
    return guess


@dataclass(frozen=True, slots=True)
class _Counted:
    """Counts of each field, and of each row its example and style (copies come last)."""

    fields: list[sp.csr_matrix]
    source: NDArray[np.int64]
    styles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Matrices:
    """X (n, V) and X_held (m, V), with the example and weight of each row of X."""

    X: sp.csr_matrix
    source: NDArray[np.int64]
    weight: NDArray[np.float64]
    X_held: sp.csr_matrix


def _matrices(counted: _Counted, recipe: Recipe, part: Part) -> _Matrices:
    rows = np.flatnonzero(np.isin(counted.source, part.train))
    seen = [_with_frequency(field[rows]) for field in counted.fields]
    vocabulary = choose(seen, min_df=recipe.min_df)
    if not len(vocabulary.bucket):
        raise UnusableFile(
            f"{len(rows)} 条数据里没有一个片段出现在 {recipe.min_df} 条以上：请增加数据"
        )
    held = [_with_frequency(field[part.held]) for field in counted.fields]
    weight = np.array([recipe.weights.get(counted.styles[row], 1.0) for row in rows])
    return _Matrices(weigh(seen, vocabulary), counted.source[rows], weight, weigh(held, vocabulary))


def _with_frequency(counts: sp.csr_matrix) -> tuple[sp.csr_matrix, NDArray[np.int64]]:
    return counts, np.bincount(counts.indices, minlength=counts.shape[1])


def _feature_key(recipe: Recipe) -> Hashable:
    return (recipe.fields, recipe.min_df, recipe.untitled_copies)


def _head_key(recipe: Recipe, part: str, head: Head) -> Hashable:
    weights = tuple(sorted(recipe.weights.items()))
    return (_feature_key(recipe), weights, plain_plans([head], recipe)[0], part, head.name)
