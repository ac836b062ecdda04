"""The points of a learning curve: models of growing size, all asked about the same held-out fold.

Groups of near-duplicates are drawn whole, and each seed's smaller sets are inside its larger ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import Rows
from evaluation.truth import Example
from training.heads import SEED
from training.labels import Head
from training.recipe import Recipe
from training.scores import truth_of
from training.split import assign_folds, find_groups
from training.trial import Guess, Part, Trials
from triage.errors import UnusableFile

DECISIONS = ("topic", "lead_unit", "request_type", "urgency")
SMALLEST = 1 / 16
"""Share of all rows in the smallest set."""
LEAST = 50
"""Rows of the smallest set, below which nothing is learned of a hundred classes."""


@dataclass(frozen=True, slots=True)
class Points:
    """Guesses of P models about the same m held-out rows, and what each was fitted on.

    `rows` holds the rows each was fitted on, `seed` its seed, int64 (P,); the last model has all.
    `truth` (m,) by head, -1 where unlabelled; `labels` (n,) the same of all rows.
    """

    heads: tuple[Head, ...]
    rows: tuple[Rows, ...]
    seed: NDArray[np.int64]
    guesses: tuple[dict[str, Guess], ...]
    truth: dict[str, NDArray[np.int64]]
    labels: dict[str, NDArray[np.int64]]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many rows each model was fitted on, int64 (P,)."""
        return np.array([len(rows) for rows in self.rows])


def sets_to_fit(groups: NDArray[np.int64], sizes: int, seeds: int) -> list[tuple[int, Rows]]:
    """Return (seed, row numbers) of each set: geometric sizes, whole groups, all rows last, once.

    Parameters
    ----------
    groups : int64 (n,), the group of each row

    Raises
    ------
    UnusableFile
        There are too few rows.
    """
    n = len(groups)
    if n * SMALLEST < LEAST:
        raise UnusableFile(
            f"只有 {n} 条数据可用于学习曲线：至少要 {round(LEAST / SMALLEST)} 条，请增加数据"
        )
    wanted = np.geomspace(SMALLEST * n, n, sizes)[:-1].round().astype(int)
    drawn: list[tuple[int, Rows]] = []
    for seed in range(seeds):
        order = np.random.default_rng([SEED, seed]).permutation(int(groups.max()) + 1)
        queue = np.argsort(order[groups], kind="stable")
        ends = np.flatnonzero(np.append(np.diff(groups[queue]) != 0, True)) + 1
        for size in wanted:
            end = ends[np.searchsorted(ends, size)]
            drawn.append((seed, np.sort(queue[:end])))
    return [*drawn, (0, np.arange(n))]


def measure(
    examples: Sequence[Example],
    recipe: Recipe,
    *,
    sizes: int,
    seeds: int,
    on_set: Callable[[int], None] = lambda rows: None,
) -> Points:
    """Fit on every set, answer the recipe's first held-out fold.

    Parameters
    ----------
    on_set : told the rows of each set before it is fitted; there are `seeds * (sizes - 1) + 1`
    """
    trials = Trials(examples, DECISIONS)
    fold = assign_folds(examples, folds=recipe.folds, how="group", seed=SEED)
    pool, held = np.flatnonzero(fold != 0), np.flatnonzero(fold == 0)
    groups = np.unique(find_groups(examples)[pool], return_inverse=True)[1]
    labels = {head.name: truth_of(head, trials.targets[head.name]) for head in trials.heads}
    sets = sets_to_fit(groups, sizes, seeds)
    guesses = []
    for seed, rows in sets:
        on_set(len(rows))
        guesses.append(trials.answer(recipe, Part(f"{len(rows)}/{seed}", pool[rows], held)))
    return Points(
        trials.heads,
        tuple(pool[rows] for _, rows in sets),
        np.array([seed for seed, _ in sets]),
        tuple(guesses),
        {name: truth[held] for name, truth in labels.items()},
        labels,
    )
