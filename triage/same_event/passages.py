"""Passages that two texts have in common: those of `difflib`, without what is too short to show.

Found from runs of `LEAST` characters that both have, so that texts without one cost next to
nothing: `difflib` reads every pair of equal characters. What a passage says is not known here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

LEAST = 4
"""Characters of a passage: shorter ones are words, and any two requests share some."""
_KEPT = 64
"""Texts whose runs are kept: one query is compared with all its candidates in turn."""


class Passage(NamedTuple):
    """`size` characters that stand at `a` in one text and at `b` in the other."""

    a: int
    b: int
    size: int


_NONE = Passage(0, 0, 0)


def passages(one: str, other: str) -> list[Passage]:
    """Return the passages of the two texts' alignment, in the order of the text.

    References
    ----------
    Ratcliff & Obershelp 1988, as `difflib.SequenceMatcher(None, one, other, autojunk=False)` has
    it: the longest first, of equal ones the first; then what lies before it, and what after.
    """
    stretches = _stretches(one, other)
    return list(_aligned(stretches, (0, len(one)), (0, len(other)))) if stretches else []


def _stretches(one: str, other: str) -> list[Passage]:
    """Return all equal stretches that go on neither before nor after, however they overlap."""
    runs, found = _runs(one), list[Passage]()
    passed = dict[int, int]()  # up to where a stretch was followed, by diagonal
    for place in range(len(other) - LEAST + 1):
        for start in runs.get(other[place : place + LEAST], ()):
            if passed.get(start - place, 0) > place:
                continue
            size = LEAST + _on(one, start + LEAST, other, place + LEAST)
            passed[start - place] = place + size - LEAST + 1
            found.append(Passage(start, place, size))
    return found


def _on(one: str, start: int, other: str, place: int) -> int:
    """Return how many characters are equal from here on."""
    most = min(len(one) - start, len(other) - place)
    return next((n for n in range(most) if one[start + n] != other[place + n]), most)


@lru_cache(_KEPT)
def _runs(text: str) -> Mapping[str, list[int]]:
    """Return where each run of `LEAST` characters stands."""
    found = defaultdict[str, list[int]](list)
    for place in range(len(text) - LEAST + 1):
        found[text[place : place + LEAST]].append(place)
    return dict(found)


def _aligned(
    stretches: list[Passage], one: tuple[int, int], other: tuple[int, int]
) -> Iterator[Passage]:
    """Yield the alignment within two windows (start, end)."""
    start, end = one
    begin, stop = other
    best, inside = _NONE, list[Passage]()
    for a, b, size in stretches:
        skipped = max(start - a, begin - b, 0)
        left = min(size, end - a, stop - b) - skipped
        if left >= LEAST:
            cut = Passage(a + skipped, b + skipped, left)
            inside.append(cut)
            if left > best.size or (left == best.size and cut < best):
                best = cut
    if not inside:
        return
    a, b, size = best
    if a - start >= LEAST and b - begin >= LEAST:
        yield from _aligned(inside, (start, a), (begin, b))
    yield best
    if end - a - size >= LEAST and stop - b - size >= LEAST:
        yield from _aligned(inside, (a + size, end), (b + size, stop))
