"""Say what a request is about: one or two short noun phrases.

A candidate is a word of the lexicon, an open word read from its last character (移表费), or two
that stand side by side (地下 + 车位). Here they are found and their situation is described; which
of them are the object is for `triage.text.object_model` to say.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import pairwise
from typing import TypeAlias

from triage.text.element_words import BLOCKED, ObjectHit
from triage.text.object_model import (
    COUNT_MOST,
    COUNT_SHIFT,
    EARLY_MOST,
    EARLY_SHIFT,
    FLAGS,
    ORDER_MOST,
    ORDER_SHIFT,
    Candidate,
    ObjectModel,
)

Span: TypeAlias = tuple[int, int]
_Word: TypeAlias = tuple[str, int, int, float, bool]

SUFFIXES = frozenset("厂店馆费款证卡站机金药线桥棚管池坝沟摊井场户证单")
"""Last characters of open words; what stands before them up to three characters is taken along."""
_OPEN_MOST = 3
_STOP = frozenset(
    "的了我你他她它们是有在被把称反映说要想问请和与及从到往给让喊叫找去来买卖收坐送就都也还又才"
    '不没未因为由对经已个这那哪啥么吗呢啊嘛哈哦，。、；：！？,.;:!?“”"（）() \n'
    "一二三四五六七八九十两几0123456789元年月日天时分"
)
_PAIR_MOST = 7
_REACH = 1.3
"""A word this much lighter than the heaviest of its text is passed over: the context seldom lifts
it (F1 on the labelled requests within 0.007 either way, a fifth of the time saved)."""
_EARLY_PARTS = 6
"""A text is cut into so many parts; the first, the second and the rest are told apart."""
_NEAR_PLACE = 2
_NOWHERE = (sys.maxsize, sys.maxsize)
_REPEATED, _IN_PLACE, _AFTER_PLACE, _IN_DEMAND, _JOINS_LEFT, _PAIR = (
    1 << bit for bit in range(len(FLAGS))
)
_OF_FIRST = _JOINS_LEFT | 3 << EARLY_SHIFT | 7 << ORDER_SHIFT
"""The order, part and left neighbour of a pair are those of its first word."""


def find_objects(model: ObjectModel, text: str, found: Iterable[Candidate]) -> list[Span]:
    """Return one or two spans, best first; neither overlaps or repeats the other."""
    chosen: list[Span] = []
    for value, one in model.ranked(found):
        if value < (model.second if chosen else model.floor):
            break
        if not any(_same(text, one, other) for other in chosen):
            chosen.append((one.start, one.end))
            if len(chosen) == 2:
                break
    return chosen


def _same(text: str, one: Candidate, other: Span) -> bool:
    if one.start < other[1] and other[0] < one.end:
        return True
    mine, theirs = text[one.start : one.end], text[other[0] : other[1]]
    return mine in theirs or theirs in mine


def candidates(
    text: str, hits: list[ObjectHit], places: list[Span], demand: Span | None
) -> list[Candidate]:
    """Return the candidates of `text`: single words in text order, then pairs."""
    words = _words(text, hits)
    if not words:
        return []
    scene = _Scene(text, places, demand)
    bar = max([entry[3] for entry in words]) - _REACH
    counts: dict[str, int] = {}
    for entry in words:
        counts[entry[0]] = counts.get(entry[0], 0) + 1
    singles: list[Candidate] = []
    order = 0
    previous = 0
    for word, start, end, weight, opened in words:
        if weight < bar:
            order += 1
        else:
            situation = scene.situation(word, start, end, previous)
            count = counts[word]
            situation |= (count if count < COUNT_MOST else COUNT_MOST) << COUNT_SHIFT
            situation |= (order if order < ORDER_MOST else ORDER_MOST) << ORDER_SHIFT
            left = text[start - 1] if start else ""
            after = text[end : end + 2]
            singles.append(
                Candidate(start, end, start, opened, weight, left, after[:1], after, situation)
            )
            order += not situation & _IN_PLACE
        previous = end
    return singles + _pairs(singles)


class _Scene:
    """What surrounds the words of one text, as the bits of a situation say it."""

    __slots__ = ("at", "demand", "early", "places", "seen")

    def __init__(self, text: str, places: list[Span], demand: Span | None) -> None:
        self.places = [*places, _NOWHERE]
        self.at = 0
        self.demand = demand or (0, 0)
        self.early = len(text) // _EARLY_PARTS + 1
        self.seen: set[str] = set()

    def situation(self, word: str, start: int, end: int, previous: int) -> int:
        """Return all bits but those of count and order; words must come in text order."""
        bits = 0
        first, last = self.places[self.at]
        while last < start - _NEAR_PLACE:
            self.at += 1
            first, last = self.places[self.at]
        if first <= start and end <= last:
            bits = _IN_PLACE
        elif last <= start:
            bits = _AFTER_PLACE
        if self.demand[0] <= start and end <= self.demand[1]:
            bits |= _IN_DEMAND
        if previous == start and start:
            bits |= _JOINS_LEFT
        if word in self.seen:
            bits |= _REPEATED
        self.seen.add(word)
        early = start // self.early
        return bits | (early if early < EARLY_MOST else EARLY_MOST) << EARLY_SHIFT


def _words(text: str, hits: list[ObjectHit]) -> list[_Word]:
    """Drop blocked words and widen open ones to the left: (word, start, end, weight, opened)."""
    words: list[_Word] = []
    floor = 0
    for start, end, weight in hits:
        if weight > BLOCKED:
            opened = end - start == 1 and text[start] in SUFFIXES
            first = _widen(text, start, floor) if opened else start
            if first < start or not opened:
                words.append((text[first:end], first, end, weight, opened))
        floor = end
    return words


def _widen(text: str, start: int, floor: int) -> int:
    lowest = max(floor, start - _OPEN_MOST)
    while start > lowest and text[start - 1] not in _STOP:
        start -= 1
    return start


def _pairs(singles: list[Candidate]) -> list[Candidate]:
    """Join words that stand side by side: the second one's weight in the first one's place."""
    return [
        Candidate(
            first.start,
            second.end,
            second.head,
            second.opened,
            second.weight,
            first.left,
            second.right,
            second.after,
            (second.situation & ~_OF_FIRST) | (first.situation & _OF_FIRST) | _PAIR,
        )
        for first, second in pairwise(singles)
        if first.end == second.start and second.end - first.start <= _PAIR_MOST
    ]
