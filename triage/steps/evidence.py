"""Evidence: the spans of the text that spoke most for the suggested topic.

Weights are the linear model's own, so they are what decided, not a story told afterwards. Runs of
characters that each added more than a little are joined; single characters say nothing to a reader.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from triage.model.model import Model
from triage.request import Evidence
from triage.steps.draft import Draft

SHARE = 0.12
"""A character belongs to a span from this share of the strongest character's weight on."""
LONGEST = 16
_MARKS = " ，。、？！；：,.?!;:…“”\"'（）()"
_PLACEHOLDER = re.compile(r"<[^<>]{1,8}>")


class EvidenceStep:
    """Add up to `spans` spans for the first topic, strongest first."""

    name = "evidence"

    def __init__(self, model: Model, spans: int) -> None:
        self._model = model
        self._spans = spans

    def __call__(self, draft: Draft) -> None:
        """Extend `draft.evidence`."""
        if not draft.topics:
            return
        weights = self._model.character_weights(
            draft.document, draft.reading, "topic", draft.topics[0].code
        )
        text = draft.document.text
        for placeholder in _PLACEHOLDER.finditer(text) if "<" in text else ():
            weights[placeholder.start() : placeholder.end()] = 0
        for found_start, found_end, weight in strongest(weights, self._spans):
            span = text[found_start:found_end]
            start = found_start + len(span) - len(span.lstrip(_MARKS))
            end = found_end - len(span) + len(span.rstrip(_MARKS))
            if end - start >= 2:
                draft.evidence.append(Evidence("topic", start, end, text[start:end], weight))


def strongest(weights: NDArray[np.float32], k: int) -> list[tuple[int, int, float]]:
    """Return up to `k` runs (start, end, summed weight) of at least two characters, best first."""
    if not len(weights):
        return []
    kept = weights > max(SHARE * float(weights.max()), 1e-6)
    padded = np.zeros(len(kept) + 2, np.int8)
    padded[1:-1] = kept
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    starts, ends = edges[::2], edges[1::2]
    long_enough = (ends - starts >= 2) & (ends - starts <= LONGEST)
    starts, ends = starts[long_enough], ends[long_enough]
    if not len(starts):
        return []
    total = np.concatenate(([0.0], np.cumsum(weights, dtype=np.float64)))
    sums = total[ends] - total[starts]
    return [
        (int(starts[i]), int(ends[i]), float(sums[i])) for i in np.argsort(-sums, kind="stable")[:k]
    ]
