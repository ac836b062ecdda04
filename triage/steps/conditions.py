"""Many conditions asked of one text in one pass: which of them hold, and where.

Every distinct group of words is numbered once over all conditions. A condition holds where one word
of each of its groups stands within `window` characters and no barred word stands anywhere. A word
that the text denies (不是快递, 人行道上倒没得) does not count. Safe to share between threads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from triage.catalogue.condition import Groups
from triage.steps.rule_terms import FoldedText, TermFinder

Spans = tuple[tuple[int, int], ...]
Places: TypeAlias = "list[tuple[int, int, tuple[int, ...]]]"

_END = r"，。！？；,.!?;\s"
_DENIAL = re.compile(
    rf"(?<!是)(?:不是|并非|不在|没有?(?=搭|占|停|偷|堵|撒|漏)|无(?=撒|漏|占))[^{_END}]{{0,14}}"
    rf"|[^{_END}]{{1,10}}(?:倒是?|都|是)(?:没得|没有|好的|没)(?=[{_END}]|$)"
)
"""What is said not to be: a clause after 不是, or one that ends in 倒没得 or 是好的."""
_CUE = re.compile("[没无]|不是|并非|不在|好的")
"""What no denial is without: looking for it first costs a tenth of looking for denials."""
_CLAUSE_END = re.compile(f"[{_END}]")


@dataclass(frozen=True, slots=True)
class Condition:
    """Numbers of the groups that must all be found, and of those none of which may be."""

    needed: frozenset[int]
    barred: frozenset[int] = frozenset()


class Hits:
    """What was found in a text: (start, end, group numbers) in its order, and all numbers.

    What the text denies is looked for only when a condition would hold: most texts never ask.
    """

    __slots__ = ("_kept", "_text", "numbers", "places")

    def __init__(self, text: str, places: Places) -> None:
        self._text = text
        self._kept: tuple[Places, frozenset[int]] | None = None
        self.places = places
        self.numbers = _numbers(places)

    def kept(self) -> tuple[Places, frozenset[int]]:
        """Return the places and numbers without those that the text denies."""
        if self._kept is None:
            denied = _denied(self._text)
            places = [
                hit for hit in self.places if not any(low <= hit[0] < high for low, high in denied)
            ]
            self._kept = (places, _numbers(places)) if denied else (self.places, self.numbers)
        return self._kept


def _numbers(places: Places) -> frozenset[int]:
    return frozenset().union(*[of_word for _, _, of_word in places])


def _denied(text: str) -> list[tuple[int, int]]:
    """Return the spans that the text denies; only clauses that hold a word of denial are read."""
    spans: list[tuple[int, int]] = []
    read = 0
    for cue in _CUE.finditer(text):
        if cue.start() < read:
            continue
        ahead = _CLAUSE_END.search(text, cue.end())
        begin, read = _clause_start(text, read, cue.start()), ahead.start() if ahead else len(text)
        spans += [match.span() for match in _DENIAL.finditer(text, begin, read)]
    return spans


def _clause_start(text: str, low: int, position: int) -> int:
    while position > low and not _CLAUSE_END.match(text, position - 1):
        position -= 1
    return position


class ConditionFinder:
    """The words of all conditions as one automaton.

    `window` is how many characters the words of one condition may spread over.
    """

    def __init__(
        self, conditions: Iterable[tuple[Groups, Sequence[str]]], *, window: int = 30
    ) -> None:
        """Take (groups that must be found, words that must not) for each condition, in order."""
        self._window = window
        self._numbers: dict[tuple[str, ...], int] = {}
        self.conditions = tuple(
            Condition(
                frozenset(self._number(group) for group in needed),
                frozenset({self._number(tuple(barred))} if barred else ()),
            )
            for needed, barred in conditions
        )
        self.groups = tuple(self._numbers)
        self._finder = TermFinder(self._terms())

    def find(self, folded: FoldedText) -> Hits:
        """Return the hits of a text."""
        return Hits(folded.text, self._finder.find(folded))

    def holds(self, condition: Condition, hits: Hits) -> Spans | None:
        """Return the spans that make the condition hold, or None where it does not."""
        if not condition.needed <= hits.numbers:
            return None
        places, numbers = hits.kept()
        if not condition.needed <= numbers or condition.barred & numbers:
            return None
        latest: dict[int, tuple[int, int]] = {}
        for start, end, of_word in places:
            for number in of_word:
                if number in condition.needed:
                    latest[number] = (start, end)
            if len(latest) == len(condition.needed):
                spans = latest.values()
                if end - min(span[0] for span in spans) <= self._window:
                    return tuple(sorted(set(spans)))
        return None

    def _number(self, group: tuple[str, ...]) -> int:
        return self._numbers.setdefault(group, len(self._numbers))

    def _terms(self) -> dict[str, tuple[int, ...]]:
        terms: dict[str, list[int]] = {}
        for group, number in self._numbers.items():
            for word in group:
                terms.setdefault(word, []).append(number)
        return {word: tuple(numbers) for word, numbers in terms.items()}
