"""Find many terms in one pass: an Aho–Corasick automaton over folded text.

Texts and terms are folded one to one (case, width, traditional forms), so every position is a place
in the text that was given. Aho and Corasick, "Efficient string matching" (CACM 18(6), 1975).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Generic, TypeVar

import ahocorasick
import numpy as np
from numpy.typing import NDArray

from triage.text.fold import code_points, fold_table

T = TypeVar("T")


class FoldedText:
    """One text in the two forms that the rules read: `text` for patterns, `halves` for terms."""

    __slots__ = ("halves", "text")

    def __init__(self, text: str) -> None:
        codes = code_points(text)
        folded = fold_table().take(codes, mode="clip")  # beyond the basic plane: its last entry
        self.text = folded.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        self.halves = _halves_table().take(codes, mode="clip").tobytes().decode("utf-16-le")

    @classmethod
    def all_of(cls, texts: Sequence[str]) -> list[FoldedText]:
        """Return each of some texts folded, in one go."""
        whole = cls("".join(texts))
        every = []
        start = 0
        for end in accumulate(map(len, texts)):
            one = cls.__new__(cls)
            one.text, one.halves = whole.text[start:end], whole.halves[2 * start : 2 * end]
            every.append(one)
            start = end
        return every


class TermFinder(Generic[T]):
    """Maps terms to what they stand for; safe to share between threads."""

    def __init__(self, terms: Mapping[str, T]) -> None:
        self._automaton = ahocorasick.Automaton()
        for term, meaning in terms.items():
            self._automaton.add_word(FoldedText(term).halves, (len(term), meaning))
        self._automaton.make_automaton()
        self._is_empty = not terms

    def find(self, folded: FoldedText) -> list[tuple[int, int, T]]:
        """Return (start, end, meaning) of every term in the text, overlapping ones too."""
        if self._is_empty or not folded.text:
            return []
        return [
            ((end := half // 2 + 1) - length, end, meaning)
            for half, (length, meaning) in self._automaton.iter(folded.halves)
        ]


@lru_cache(maxsize=1)
def _halves_table() -> NDArray[np.uint32]:
    """Return for every code point what its folded form is in two UTF-16 characters, (65536,).

    They are its high byte (from 256 up) and its low byte. pyahocorasick walks the children of a
    node one by one: a root with a child for each of a thousand Chinese characters costs 46 µs on
    250 characters, the two halves cost 12 µs.
    """
    folded = fold_table().astype(np.uint32)
    pairs = (folded >> 8) + 0x100 | (folded & 0xFF) << 16
    table: NDArray[np.uint32] = np.asarray(pairs, dtype="<u4")
    table.flags.writeable = False
    return table
