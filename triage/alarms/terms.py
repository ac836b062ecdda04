"""Terms that many texts of a district share of late and few shared before: a new thing has a name.

Runs of two to six characters, counted once a text; a Poisson law says how rare so many would be.
Texts come in masked; placeholders of masked data are no terms.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from triage.alarms.rules import TermRules
from triage.hot.signals import poisson_tail

_ORDERS = (2, 3, 4, 5, 6)
_HEAD = 160
"""Characters of a text that are read: the matter is told first."""
_PLACEHOLDER = re.compile(r"<[^<>]{1,12}>")
_NO_WORD = re.compile(r"[^一-鿿A-Za-z0-9]")
_FRAGMENT = 0.7
"""Share of a term's texts from which it is a fragment of a longer one."""
_SAME = 0.5
"""Share of a term's texts that another has too, from which both tell of one matter."""
_MOST_OTHERS = 4
_PRIOR = 0.5
"""Texts as if a term had stood in half a one before: none seen is not never."""


@dataclass(frozen=True, slots=True)
class NewTerm:
    """A term: in how many texts of late it stands, in how many it was to, and how rare that is."""

    term: str
    count: int
    expected: float
    chance: float
    at: tuple[int, ...]
    """Places of those texts among the recent ones."""
    others: tuple[str, ...] = ()
    """New terms of much the same texts: one matter is told once."""


def new_terms(
    recent: Sequence[str], before: Iterable[str], rules: TermRules, *, most: int = 5
) -> list[NewTerm]:
    """Return the terms that are new, those of most texts first, one for each matter.

    Parameters
    ----------
    recent, before : masked texts of one district, of `recent_days` and the `history_days` before
    """
    grams = [_grams(text) for text in recent]
    counts = Counter(gram for one in grams for gram in one)
    often = {gram: n for gram, n in counts.items() if n >= rules.least}
    if not often:
        return []
    earlier: Counter[str] = Counter()
    texts = 0
    for text in before:
        earlier.update(gram for gram in _grams(text) if gram in often)
        texts += 1
    if texts == 0:
        return []
    found = [
        _term(gram, n, (earlier[gram] + _PRIOR) * len(recent) / texts, grams)
        for gram, n in _whole(often).items()
    ]
    found = [
        one
        for one in found
        if one.chance <= rules.chance and one.count >= rules.times * one.expected
    ]
    found.sort(key=lambda one: (-len(one.at), -len(one.term), one.chance, one.term))
    return _matters(_apart(found))[:most]


def _term(gram: str, count: int, expected: float, grams: Sequence[set[str]]) -> NewTerm:
    at = tuple(place for place, one in enumerate(grams) if gram in one)
    return NewTerm(gram, count, expected, poisson_tail(count, expected), at)


def _apart(found: Sequence[NewTerm]) -> list[NewTerm]:
    """Leave out terms that share two characters in a row with one told before."""
    kept: list[NewTerm] = []
    for one in found:
        pairs = {one.term[at : at + 2] for at in range(len(one.term) - 1)}
        if not any(pair in other.term for other in kept for pair in pairs):
            kept.append(one)
    return kept


def _matters(found: Sequence[NewTerm]) -> list[NewTerm]:
    """Put terms together that stand in much the same texts; the most telling one speaks for all."""
    groups: list[list[NewTerm]] = []
    for one in found:
        for group in groups:
            both = len(set(one.at) & set(group[0].at))
            if both >= _SAME * len(one.at):
                group.append(one)
                break
        else:
            groups.append([one])
    told = []
    for group in groups:
        first, *rest = sorted(group, key=lambda one: (-one.count / one.expected, one.term))
        told.append(replace(first, others=tuple(one.term for one in rest[:_MOST_OTHERS])))
    return told


def _whole(counts: dict[str, int]) -> dict[str, int]:
    fragments = {
        part
        for gram, count in counts.items()
        for part in (gram[1:], gram[:-1])
        if count >= _FRAGMENT * counts.get(part, count / _FRAGMENT + 1)
    }
    return {gram: count for gram, count in counts.items() if gram not in fragments}


def _grams(text: str) -> set[str]:
    plain = _PLACEHOLDER.sub(" ", text)[:_HEAD]
    runs = [run for run in _NO_WORD.split(plain) if len(run) > 1]
    return {
        run[at : at + order]
        for run in runs
        for order in _ORDERS
        for at in range(len(run) - order + 1)
        if not run[at : at + order].isdigit()
    }
