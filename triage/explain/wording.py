"""From the weights of characters to wordings that a person can read: whole words, no loose ends.

Cuts only; which wording carried a decision is found out in `evidence` by taking it out.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from triage.text.element_words import ElementWords

Array = NDArray[np.float32]
LONGEST = 10
"""Characters of a wording: more are a clause, which carries everything and says nothing."""
_BREAKS = re.compile(r"<[^<>]{1,8}>|[\s，。、？！；：,.?!;:…“”‘’\"'（）()《》【】\[\]~—-]+")
_LOOSE = frozenset(
    "的了们把我你您他她它是在就都也还又个这那些和与及到吧嘛啊呀哈呢么得着过被给让说要"
)
"""Characters that no wording begins or ends with."""


class Wordings:
    """Cuts wordings out of one text; its words are looked up once for all decisions."""

    def __init__(self, text: str, words: ElementWords) -> None:
        self.text = text
        self._closed = np.zeros(len(text), bool)
        for match in _BREAKS.finditer(text):
            self._closed[match.start() : match.end()] = True
        hits = words.scan(text)
        self._first = list(range(len(text)))
        self._after = list(range(1, len(text) + 1))
        for start, end, *_ in (*hits.places, *hits.objects, *hits.cues):
            for index in range(start, end):
                self._first[index] = min(self._first[index], start)
                self._after[index] = max(self._after[index], end)

    def cut(self, weights: Array, least: float) -> list[tuple[int, int]]:
        """Return spans of two to `LONGEST` characters around those that weigh above `least`."""
        found: dict[tuple[int, int], None] = {}
        for start, end in self._runs(weights, least):
            start, end = self._whole(*self._tight(start, end))
            if end - start == 1:
                start, end = self._paired(start, weights)
            if 2 <= end - start <= LONGEST:
                found[start, end] = None
        return list(found)

    def _runs(self, weights: Array, least: float) -> list[tuple[int, int]]:
        kept = (weights > least) & ~self._closed
        edges = np.flatnonzero(np.diff(kept.astype(np.int8), prepend=0, append=0)).tolist()
        found: list[tuple[int, int]] = []
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            if end - start < LONGEST:
                found.append((start, end))
                continue
            within = np.zeros_like(weights)
            within[start:end] = weights[start:end]
            found += self._runs(within, max(1.25 * least, float(weights[start:end].min())))
        return found

    def _tight(self, start: int, end: int) -> tuple[int, int]:
        while start < end and self.text[start] in _LOOSE:
            start += 1
        while end > start and self.text[end - 1] in _LOOSE:
            end -= 1
        return start, end

    def _whole(self, start: int, end: int) -> tuple[int, int]:
        """Widen to the words that the span cuts through."""
        if start == end:
            return start, end
        return self._first[start], self._after[end - 1]

    def _paired(self, place: int, weights: Array) -> tuple[int, int]:
        """Join a single character with the heavier of its neighbours; (place, place) if alone."""
        near = [
            other
            for other in (place - 1, place + 1)
            if 0 <= other < len(self.text)
            and not self._closed[other]
            and self.text[other] not in _LOOSE
        ]
        if not near:
            return place, place
        other = max(near, key=lambda index: float(weights[index]))
        return min(place, other), max(place, other) + 1
