"""Evidence: the spans of the text that spoke most for the suggested topic.

Weights are the linear model's own, so they are what decided, not a story told afterwards. Runs of
characters that each added more than a little are joined; single characters say nothing to a reader.
"""

from __future__ import annotations

import re
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from triage.model.model import Model
from triage.request import Evidence
from triage.steps.draft import Draft

SHARE = 0.12
"""A character belongs to a span from this share of the strongest character's weight on."""
LONGEST = 16
_MARKS = " ，。、？！；：,.?!;:…“”\"'（）()"
_RUN = re.compile(rb"\x01{2,}")
"""Neighbours that are kept, in an array of booleans as bytes: far cheaper than looking for edges
in the array."""
_WEIGHT = itemgetter(2)
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
    runs = [run.span() for run in _RUN.finditer(kept.tobytes())]
    total = weights.cumsum(dtype=np.float64)
    found = [
        (start, end, total.item(end - 1) - (total.item(start - 1) if start else 0.0))
        for start, end in runs
        if end - start <= LONGEST
    ]
    found.sort(key=_WEIGHT, reverse=True)
    return found[:k]
