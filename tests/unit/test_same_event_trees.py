from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from triage.same_event.trees import Trees, joined

Floats = NDArray[np.float32]


def _grown(rng: np.random.Generator, *, trees: int, leaves: int, columns: int = 5) -> Trees:
    """Return random trees: leaves are split until there are enough of them."""
    width = 2 * leaves - 1
    feature = rng.integers(0, columns, (trees, width)).astype(np.int16)
    threshold = rng.integers(-3, 4, (trees, width)).astype(np.float32)
    left, right = (np.tile(np.arange(width, dtype=np.int16), (trees, 1)) for _ in range(2))
    for row in range(trees):
        ends = [0]
        for split in range(int(rng.integers(0, leaves))):
            node = ends.pop(int(rng.integers(len(ends))))
            left[row, node], right[row, node] = 2 * split + 1, 2 * split + 2
            ends += [2 * split + 1, 2 * split + 2]
    value = rng.normal(size=(trees, width)).astype(np.float32)
    blank_left = rng.random((trees, width)) < 0.5
    return Trees(feature, threshold, left, right, value, blank_left, 0.25, leaves)


def _walked(trees: Trees, row: Floats) -> list[float]:
    """Return the value that a row reaches in each tree, one node after another."""
    found = []
    for tree in range(len(trees.feature)):
        node = 0
        while trees.left[tree, node] != node:
            seen = row[trees.feature[tree, node]]
            is_blank = np.isnan(seen)
            goes_left = (
                trees.blank_left[tree, node] if is_blank else seen <= trees.threshold[tree, node]
            )
            node = int((trees.left if goes_left else trees.right)[tree, node])
        found.append(float(trees.value[tree, node]))
    return found


@pytest.mark.parametrize("leaves", [1, 2, 5, 8, 9, 17, 40])
def test_every_row_reaches_the_leaf_that_walking_reaches(leaves: int) -> None:
    rng = np.random.default_rng(leaves)
    trees = _grown(rng, trees=20, leaves=leaves)
    rows = rng.integers(-3, 4, (30, 5)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.2] = np.nan
    rows[0] = np.inf
    assert trees.values(rows).tolist() == [_walked(trees, row) for row in rows]
    sums = [sum(_walked(trees, row)) + 0.25 for row in rows]
    assert trees.sum(rows) == pytest.approx(sums, abs=1e-5)


def test_a_missing_value_goes_right_even_where_the_threshold_is_infinite() -> None:
    # scikit-learn splits known from missing so
    left, right = (np.array([[one, 1, 2]], np.int16) for one in (1, 2))
    values, blank = np.array([[0, -4, 4]], np.float32), np.zeros((1, 3), np.bool_)
    known = np.array([[np.inf, 0, 0]], np.float32)
    trees = Trees(np.zeros((1, 3), np.int16), known, left, right, values, blank, 0.0, 1)
    assert trees.sum(np.array([[1], [np.nan]], np.float32)).tolist() == [-4, 4]


def test_joined_trees_are_asked_in_one_go() -> None:
    rng = np.random.default_rng(2)
    one, other = _grown(rng, trees=3, leaves=4), _grown(rng, trees=5, leaves=11)
    rows = rng.normal(size=(7, 5)).astype(np.float32)
    both = joined(one, other).values(rows)
    assert np.array_equal(both, np.hstack([one.values(rows), other.values(rows)]))


def test_a_tree_of_too_many_leaves_is_refused() -> None:
    chain = np.arange(131, dtype=np.int16)
    left, right = chain.copy(), chain.copy()
    left[0:130:2], right[0:130:2] = chain[1:131:2], chain[2:132:2]
    zeros = np.zeros((1, 131), np.float32)
    with pytest.raises(ValueError, match="66 leaves"):
        Trees(zeros.astype(np.int16), zeros, left[None], right[None], zeros, zeros > 0, 0.0, 65)


def test_no_rows_have_no_sums() -> None:
    assert _grown(np.random.default_rng(0), trees=2, leaves=3).sum(
        np.zeros((0, 5), np.float32)
    ).shape == (0,)
