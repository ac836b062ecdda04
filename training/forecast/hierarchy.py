"""The sums above the series of a panel: city over districts, all over first over second level.

`with_sums` lays the sums above the series; `reconciled` makes forecasts of all of them add up
(MinTrace with structural weights, Wickramasuriya, Athanasopoulos and Hyndman 2019, from
hierarchicalforecast). Quantiles are moved along with their mean: quantiles do not add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from hierarchicalforecast.methods import MinTraceSparse
from numpy.typing import NDArray
from scipy import sparse

from training.forecast.forecasting import Ahead
from triage.trends.panel import ALL, Panel

Parents = Mapping[str, Mapping[str, str]]
"""Column → value → its parent in that column (topic: SR03 → 市容环卫)."""


@dataclass(frozen=True, slots=True)
class Tree:
    """`S` (n, b): which of the b series each of n rows sums; `levels` names the level of a row."""

    panel: Panel
    S: sparse.csr_matrix
    levels: tuple[str, ...]


def with_sums(panel: Panel, parents: Parents) -> Tree:
    """Return the panel with the sums first and the series, in their order, last.

    Every column is summed over all of it, and over the parents of its values where there are any;
    columns are crossed. A sum of one single series is left out.
    """
    members: dict[tuple[str, ...], list[int]] = {}
    for index, key in enumerate(panel.ids):
        choices = [
            _above(column, value, parents) for column, value in zip(panel.columns, key, strict=True)
        ]
        for one in product(*choices):
            if one != key:
                members.setdefault(one, []).append(index)
    sums = sorted((key, rows) for key, rows in members.items() if len(rows) > 1)
    S = _summing([rows for _, rows in sums], len(panel.ids))
    ids = (*(key for key, _ in sums), *panel.ids)
    starts = [int(min(panel.start[i] for i in rows)) for _, rows in sums]
    whole = Panel(
        panel.grain, panel.columns, ids, panel.first,
        np.asarray(S @ panel.counts, np.float32),
        np.concatenate([np.array(starts, np.int64), panel.start]),
        panel.covariates,
    )  # fmt: skip
    levels = tuple(_level(panel.columns, key, parents) for key in ids)
    return Tree(whole, S, levels)


def plain(panel: Panel) -> Tree:
    """Return the panel as a tree without sums."""
    levels = tuple(_level(panel.columns, key, {}) for key in panel.ids)
    return Tree(panel, sparse.identity(len(panel.ids)).tocsr(), levels)


def reconciled(tree: Tree, ahead: Ahead) -> Ahead:
    """Return forecasts whose means add up along the tree; none is below 0."""
    n, b = tree.S.shape
    if n == b:
        return ahead
    method = MinTraceSparse("wls_struct", nonnegative=True, qp=False)
    mean = ahead.mean.astype(np.float64)
    found = method.fit_predict(S=tree.S, y_hat=mean)["mean"]
    bottom = np.maximum(np.asarray(found)[n - b :], 0.0)
    summed = np.asarray(tree.S @ bottom)
    ratio = np.divide(summed, mean, out=np.ones_like(mean), where=mean > 0.05)
    quantiles = {
        level: np.maximum(0.0, values * np.where(mean > 0.05, ratio, 1.0))
        for level, values in ahead.quantiles.items()
    }
    return Ahead(summed.astype(np.float32), quantiles, ahead.models)


def _above(column: str, value: str, parents: Parents) -> Sequence[str]:
    parent = parents.get(column, {}).get(value)
    return (value, parent, ALL) if parent else (value, ALL)


def _level(columns: Sequence[str], key: Sequence[str], parents: Parents) -> str:
    def one(column: str, value: str) -> str:
        if value == ALL:
            return ALL
        is_parent = value in set(parents.get(column, {}).values())
        return f"{column}^" if is_parent else column

    return " × ".join(one(c, v) for c, v in zip(columns, key, strict=True)) or "series"


def _summing(groups: Sequence[Sequence[int]], b: int) -> sparse.csr_matrix:
    rows = np.repeat(np.arange(len(groups)), [len(one) for one in groups])
    columns: NDArray[np.int64] = np.array([i for one in groups for i in one], np.int64)
    above = sparse.csr_matrix((np.ones(len(columns)), (rows, columns)), (len(groups), b))
    return sparse.vstack([above, sparse.identity(b)]).tocsr()
