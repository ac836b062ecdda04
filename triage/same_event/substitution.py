"""Find what was exchanged between two titles of one pattern: 翠竹苑…积水 and 百合园…积水.

Copied complaints about another place share nearly all words, so that likeness says nothing there.
Titles are aligned (Ratcliff & Obershelp, `difflib`); a stretch counts by its rarest 2-gram, and
only if the other request does not have it anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from triage.model.encoder import Floats

PATTERN = 0.5
"""Share of two titles' characters that must be aligned for them to be of one pattern."""
MOST = 10
"""Characters of an exchanged stretch: a longer one is another sentence, not another name."""
_KEPT = 4_096
"""Pairs of titles whose alignment is kept: whoever judges a pair asks again for its grounds."""


@dataclass(frozen=True, slots=True)
class Head:
    """A title without spaces, the idf of its 2-grams, and everything the request says."""

    title: str
    idf: Floats
    whole: str


@dataclass(frozen=True, slots=True)
class Substitution:
    """The stretches that stand for each other, and `worth`: the lesser of their rarest idf."""

    mine: str
    theirs: str
    worth: float


def substitution(one: Head, other: Head) -> Substitution | None:
    """Return the weightiest exchange between two requests, None where there is none."""
    found = []
    for start, end, begin, stop in _exchanged(one.title, other.title):
        mine, theirs = one.title[start:end], other.title[begin:stop]
        if mine not in other.whole and theirs not in one.whole:
            worth = min(_rarest(one.idf, start, end), _rarest(other.idf, begin, stop))
            found.append(Substitution(mine, theirs, worth))
    return max(found, key=lambda one: one.worth, default=None)


@lru_cache(_KEPT)
def _exchanged(one: str, other: str) -> tuple[tuple[int, int, int, int], ...]:
    """Return the stretches that stand for each other in two titles of one pattern."""
    most = min(sum(each in other for each in one), sum(each in one for each in other))
    if 2 * most < PATTERN * (len(one) + len(other)):
        return ()  # no more characters than these can be aligned
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < PATTERN:
        return ()
    return tuple(
        (start, end, begin, stop)
        for kind, start, end, begin, stop in matcher.get_opcodes()
        if kind == "replace" and max(end - start, stop - begin) <= MOST
    )


def _rarest(idf: Floats, start: int, end: int) -> float:
    """Return the highest idf of the 2-grams that touch a stretch."""
    near = idf[max(0, start - 1) : end]
    return float(near.max()) if len(near) else 0.0
