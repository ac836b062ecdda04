"""Pure metrics over labels and scores: NumPy in, numbers out. Checked against scikit-learn.

Nothing here knows of models or files; what a probability is worth stands in `calibration.py`. Empty
input is a programmer's mistake and raises ValueError.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Floats = NDArray[np.floating]
Flags = NDArray[np.bool_]


def accuracy(truth: Labels, guess: Labels) -> float:
    """Return the share of equal labels."""
    return float(np.mean(_equal(truth, guess)))


def per_class(truth: Labels, guess: Labels, k: int) -> dict[str, NDArray[np.float64]]:
    """Return precision, recall, f1 (0 where undefined) and support of each of `k` classes.

    Parameters
    ----------
    truth, guess : int64 (n,) in [0, k)
    """
    hits = np.bincount(truth[_equal(truth, guess)], minlength=k).astype(np.float64)
    support = np.bincount(truth, minlength=k).astype(np.float64)
    named = np.bincount(guess, minlength=k).astype(np.float64)
    return {
        "precision": _ratio(hits, named),
        "recall": _ratio(hits, support),
        "f1": _ratio(2 * hits, named + support),
        "support": support,
    }


def macro_f1(truth: Labels, guess: Labels, k: int) -> float:
    """Return the mean F1 over the classes present in `truth`.

    A class that is only guessed costs the precision of the others; it has no F1 of its own here,
    while scikit-learn's default averages it in as 0.
    """
    found = per_class(truth, guess, k)
    return float(found["f1"][found["support"] > 0].mean())


def top_k(truth: Labels, probabilities: Floats, k: int) -> float:
    """Return how often the truth is among the `k` most probable of each row.

    Ties go to the lower index, as in the answers. A truth beyond the columns is never among them.
    """
    _same_length(truth, probabilities)
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    return float(np.mean((best == truth[:, None]).any(axis=1)))


def quadratic_kappa(truth: Labels, guess: Labels, k: int) -> float:
    """Return Cohen's kappa with quadratic weights over ordered classes 0 … k-1.

    Cohen 1968, "Weighted kappa". 1 where all truths and guesses are one and the same class.
    """
    _same_length(truth, guess)
    observed = confusion(truth, guess, k).astype(np.float64)
    weight = np.square(np.subtract.outer(np.arange(k), np.arange(k)))
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0)) / len(truth)
    chance = float((weight * expected).sum())
    return 1.0 - float((weight * observed).sum()) / chance if chance else 1.0


def confusion(truth: Labels, guess: Labels, k: int) -> NDArray[np.int64]:
    """Return counts (k, k): row = truth, column = guess."""
    _same_length(truth, guess)
    return np.bincount(truth * k + guess, minlength=k * k).reshape(k, k)


def recall_at_precision(positive: Flags, score: Floats, precision: float) -> float:
    """Return the best recall of any threshold whose precision is at least `precision`.

    0 where no threshold reaches it, or nothing is positive. Equal scores stand or fall together.
    """
    _same_length(positive, score)
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(positive[order])
    reached = hits >= precision * np.arange(1, len(order) + 1)
    is_last_of_tie = np.append(np.diff(score[order]) != 0, True)
    usable = reached & is_last_of_tie
    return float(hits[usable].max() / positive.sum()) if usable.any() and positive.any() else 0.0


def recall_and_precision(positive: Flags, named: Flags) -> tuple[float, float]:
    """Return recall and precision of a yes-or-no decision; NaN where there is nothing to count."""
    _same_length(positive, named)
    hits = float((positive & named).sum())
    return (
        hits / float(positive.sum()) if positive.any() else float("nan"),
        hits / float(named.sum()) if named.any() else float("nan"),
    )


def micro_f1(truth: Flags, guess: Flags) -> float:
    """Return F1 over all cells of two indicator matrices (n, k); 1 where neither holds anything."""
    _same_length(truth, guess)
    hits = float((truth & guess).sum())
    total = float(truth.sum() + guess.sum())
    return 2 * hits / total if total else 1.0


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `n` (Wilson 1927): right for small n, near 0 and 1."""
    if not n:
        raise ValueError("need a positive n")
    z = 1.959964  # 97.5th percentile of the normal distribution
    centre = share + z * z / (2 * n)
    width = z * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    return max(0.0, (centre - width) / (1 + z * z / n)), min(
        1.0, (centre + width) / (1 + z * z / n)
    )


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _equal(truth: Labels, guess: Labels) -> Flags:
    _same_length(truth, guess)
    equal: Flags = truth == guess
    return equal


def _same_length(one: NDArray[np.generic], other: NDArray[np.generic]) -> None:
    if not len(one) or len(one) != len(other):
        raise ValueError(f"need equal, positive lengths, got {len(one)} and {len(other)}")
