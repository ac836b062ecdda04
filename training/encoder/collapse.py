"""Stop a pre-training that learns nothing, before it has used up its time.

A rate too high for the network sends it where it says how frequent each token is and nothing else;
it does not come back from there. Its loss is then the entropy of the tokens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from triage.errors import UnusableFile

LOOK_AT = 1_000
"""Steps before the look: the smallest networks are below the entropy by then."""
LAST = 100
LEAST_GAIN = 0.02
"""Share of the entropy that the mean of the last losses must lie below it."""


def entropy(ids: NDArray[np.int32], special: dict[str, int]) -> float:
    """Return the entropy of the tokens in nats, special ones left out; 0 where there is none."""
    counts = np.bincount(ids).astype(np.float64)
    counts[[index for index in special.values() if index < len(counts)]] = 0
    share = counts[counts > 0] / max(counts.sum(), 1)
    return float(-(share * np.log(share)).sum())


def watched(
    on_step: Callable[[float], object], floor: float, *, look_at: int = LOOK_AT
) -> Callable[[float], None]:
    """Return `on_step` that looks once whether losses are below `floor`, the tokens' entropy.

    Raises
    ------
    UnusableFile
        At step `look_at`: the network knows no more than how frequent tokens are.
    """
    last: deque[float] = deque(maxlen=LAST)
    steps = 0

    def told(loss: float) -> None:
        nonlocal steps
        steps += 1
        last.append(loss)
        on_step(loss)
        mean = sum(last) / len(last)
        if steps == look_at and not mean < floor * (1 - LEAST_GAIN):
            raise UnusableFile(
                f"预训练第 {steps} 步的损失 {mean:.2f} 不低于词频的熵 {floor:.2f}："
                "网络什么也没有学到，多半是学习率过高；请把 --rate 减半再试（没有写出检查点）"
            )

    return told
