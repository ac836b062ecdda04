"""Which rows of the weights are kept: those that move scores most, whatever their frequency.

Everything is fitted on all n-grams first. Keeping the most frequent ones instead costs 1 point of
unit accuracy and 2 on speech (docs/decisions/0002-linear-model.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.labels import Head, spans_of


def strongest(weights: NDArray[np.float32], heads: Sequence[Head], most: int) -> NDArray[np.int64]:
    """Return the rows to keep of weights (V, K), sorted: at most `most`, none without weight.

    A row's strength is the sum over heads of its squared weights as a share of the head's. What all
    labels of a multiclass head have in common decides nothing and is taken out first.
    """
    strength = np.zeros(len(weights), np.float64)
    for head, span in zip(heads, spans_of(heads).values(), strict=True):
        part = weights[:, span]
        if head.kind == "multiclass":
            part = part - part.mean(axis=1, keepdims=True)
        squared = np.einsum("vk,vk->v", part, part, dtype=np.float64)
        strength += squared / max(float(squared.sum()), 1e-12)
    order = np.argsort(-strength, kind="stable")[:most]
    return np.sort(order[strength[order] > 0])
