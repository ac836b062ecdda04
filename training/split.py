"""Folds that never cut through a group of near-duplicates, or that follow time.

Near-duplicates share rare character trigrams: cosine above `NEAR` over trigrams that few
requests hold. Requests that carry a `group` of their own keep it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from evaluation.truth import Example
from training.vocabulary import count
from triage.errors import UnusableFile
from triage.model.features import Document, Field

NEAR = 0.4
_BLOCK = 2000
_RARE = 200
"""A trigram that more requests hold says nothing about copying, and would cost a dense product."""


def assign_folds(
    examples: Sequence[Example], *, folds: int, how: str, seed: int
) -> NDArray[np.int64]:
    """Return the fold of each example, int64 (n,) in [0, folds).

    Parameters
    ----------
    how : "group" (near-duplicates together, labels spread evenly) or "time" (consecutive blocks)

    Raises
    ------
    UnusableFile
        `time` was asked for and an example has no `received_at`, or there are too few groups.
    """
    if how == "time":
        if any(example.received_at is None for example in examples):
            raise UnusableFile(
                "--split time 需要每条数据都有 received_at：请补齐或改用 --split group"
            )
        order = np.argsort([str(example.received_at) for example in examples], kind="stable")
        fold = np.empty(len(examples), np.int64)
        fold[order] = np.arange(len(examples)) * folds // max(1, len(examples))
        return fold
    groups = find_groups(examples)
    sizes = np.bincount(groups)
    if len(sizes) < folds:
        raise UnusableFile(f"只有 {len(sizes)} 组互不相似的数据，少于 {folds} 折：请增加数据")
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.permutation(len(sizes)), -sizes))
    stratum = _strata(examples, groups)
    fold_of, load = np.empty(len(sizes), np.int64), np.zeros(folds, np.int64)
    seen = np.zeros((int(stratum.max()) + 1, folds), np.int64)
    for group in order:
        row = seen[stratum[group]]
        fold_of[group] = np.lexsort((load, row))[0]
        row[fold_of[group]] += sizes[group]
        load[fold_of[group]] += sizes[group]
    return fold_of[groups]


def _strata(examples: Sequence[Example], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a number per group: its first example's label and style.

    A rare topic spread evenly over the folds is learned in every one of them; dealt by chance, it
    can be missing from most, and held-out probabilities come out too timid.
    """
    first = np.unique(groups, return_index=True)[1]
    keys = [
        (e.topic or e.lead_unit or e.request_type or str(e.urgency), e.style)
        for e in (examples[row] for row in first)
    ]
    number = {key: index for index, key in enumerate(dict.fromkeys(keys))}
    return np.array([number[key] for key in keys], np.int64)


def find_groups(examples: Sequence[Example]) -> NDArray[np.int64]:
    """Return a group number for each example: same `group`, or near-duplicate texts, joined."""
    n = len(examples)
    named: dict[str, int] = {}
    stars = [
        (row, named.setdefault(example.group, row))
        for row, example in enumerate(examples)
        if example.group is not None
    ]
    links = [*stars, *near_duplicates([f"{e.title}\n{e.text}" for e in examples])]
    rows, columns = (np.array(part, np.int64) for part in zip(*links, strict=True)) if links else (
        np.empty(0, np.int64), np.empty(0, np.int64),
    )  # fmt: skip
    graph = sp.coo_matrix((np.ones(len(rows), np.int8), (rows, columns)), shape=(n, n))
    labels: NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def near_duplicates(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Return pairs (i, j), i > j, whose rare trigrams have a cosine above `NEAR`."""
    [(counts, frequency)] = count([Document("", text) for text in texts], [Field("text", (3,))])
    kept = np.flatnonzero((frequency >= 2) & (frequency <= _RARE))
    weight = np.log(len(texts) / frequency[kept]).astype(np.float32)
    X = (counts[:, kept] > 0).astype(np.float32).multiply(weight).tocsr()
    everything = (counts > 0).multiply(np.log1p(len(texts) / np.maximum(frequency, 1)) ** 2)
    length = np.sqrt(np.asarray(everything.sum(axis=1)).ravel())
    X = (sp.diags_array(1 / np.maximum(length, 1e-9)) @ X).tocsr()
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(texts), _BLOCK):
        near = (X[start : start + _BLOCK] @ X.T).tocoo()
        hit = (near.data > NEAR) & (near.row + start > near.col)
        pairs.extend(zip((near.row[hit] + start).tolist(), near.col[hit].tolist(), strict=True))
    return pairs
