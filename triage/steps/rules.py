"""Match the rules on one text: two passes over its terms, contexts only around what they hit.

A text without a trigger costs one pass. The rules themselves are data (`rule_file`); what a match
means is decided by `acceptance` and `safety`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from triage.request import Evidence
from triage.steps.rule_context import Spans, holds
from triage.steps.rule_file import Rule, RuleFiles, read_rules
from triage.steps.rule_score import Hit, score
from triage.steps.rule_terms import FoldedText, TermFinder

CHECKS = 50
"""Trigger hits of one rule that are looked at; a text of 100,000 characters must stay cheap."""
PATTERN = 4
"""Strength of a rule that holds by its pattern; a scored rule outweighs it from 5 points above."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that holds, and the spans (start, end) of the text that made it hold.

    `strength` compares matches: a scored rule's points above its threshold, `PATTERN` for others.
    """

    rule: Rule
    spans: Spans
    strength: int = PATTERN


@dataclass(frozen=True, slots=True)
class _Owners:
    """The rules that a term triggers, and those that it gives core points to."""

    triggers: tuple[int, ...]
    core: tuple[tuple[int, int], ...]


class RuleBook:
    """The compiled rules; safe to share between threads, it keeps nothing of a text.

    The first pass looks for triggers and core terms only; the other terms of a scored rule are
    looked for in a second pass, which a text without enough core terms never needs.
    """

    def __init__(self, source: RuleFiles) -> None:
        self.version = source.version
        self.rules = source.rules
        self._first = TermFinder(_first_terms(source.rules))
        self._weights = TermFinder(_weighted_terms(source.rules))

    def scan(self, text: str, folded: FoldedText | None = None) -> tuple[Match, ...]:
        """Return the rules that hold for `text`, in file order; () for an empty text.

        `folded` is the text folded already, by a caller that needs it too.
        """
        folded = FoldedText(text) if folded is None else folded
        found: dict[int, Match] = {}
        checks: dict[int, int] = {}
        points: dict[int, int] = {}
        for start, end, owners in self._first.find(folded):
            for index, more in owners.core:
                points[index] = points.get(index, 0) + more
            for index in owners.triggers:
                rule = self.rules[index]
                if index in found or checks.get(index, 0) >= CHECKS or not _fits(rule, text):
                    continue
                checks[index] = checks.get(index, 0) + 1
                spans = holds(rule, folded.text, start, end)
                if spans is not None:
                    found[index] = Match(rule, spans)
        hopeful = {
            index
            for index, total in points.items()
            if total >= self.rules[index].core and _fits(self.rules[index], text)
        }
        if hopeful:
            found.update(self._scored(folded, hopeful))
        return tuple(found[index] for index in sorted(found))

    def _scored(self, folded: FoldedText, hopeful: set[int]) -> dict[int, Match]:
        """Count all weighted terms of the `hopeful` rules and return those that hold."""
        hits: dict[int, list[Hit]] = {index: [] for index in hopeful}
        for start, end, owners in self._weights.find(folded):
            for index, points, core in owners:
                if index in hopeful:
                    hits[index].append(Hit(start, end, points, core))
        found: dict[int, Match] = {}
        for index, group in hits.items():
            result = score(self.rules[index], folded.text, group)
            if result is not None:
                found[index] = Match(self.rules[index], *result)
        return found


@lru_cache(maxsize=1)
def rule_book() -> RuleBook:
    """Return the shipped rules, read and compiled once, without the mere signs."""
    return _book(signs=False)


@lru_cache(maxsize=1)
def sign_book() -> RuleBook:
    """Return the shipped signs, which the model must confirm: looked for only where it may."""
    return _book(signs=True)


@lru_cache(maxsize=1)
def _source() -> RuleFiles:
    return read_rules()


def _book(*, signs: bool) -> RuleBook:
    source = _source()
    kept = tuple(rule for rule in source.rules if (rule.confirm is not None) is signs)
    return RuleBook(RuleFiles(version=source.version, rules=kept))


def scan_request(
    text: str, title: str = "", folded: FoldedText | None = None
) -> tuple[tuple[Match, ...], int]:
    """Match title and text as one, and return the matches with the offset at which `text` begins.

    They are read together because a title names what its text describes. `folded` is the two as
    one, folded already, by a caller that needs them too.
    """
    whole, offset = as_one(text, title)
    return rule_book().scan(whole, folded), offset


def as_one(text: str, title: str = "") -> tuple[str, int]:
    """Return title and text as the rules read them, with the offset at which `text` begins."""
    return (f"{title}。{text}", len(title) + 1) if title else (text, 0)


def evidence(
    matches: tuple[Match, ...], text: str, *, offset: int, step: str
) -> tuple[Evidence, ...]:
    """Return the spans of `matches` that lie in `text`, each once; those of the title are left."""
    best: dict[tuple[int, int], float] = {}
    least = 2 if any(end - start > 1 for match in matches for start, end in match.spans) else 1
    for match in matches:
        for start, end in match.spans:
            if start >= offset and end - start >= least:
                key = (start - offset, end - offset)
                best[key] = max(best.get(key, 0.0), match.rule.confidence)
    return tuple(
        Evidence(step=step, start=start, end=end, text=text[start:end], weight=weight)
        for (start, end), weight in sorted(best.items())
    )


def _fits(rule: Rule, text: str) -> bool:
    return rule.max_chars is None or len(text) <= rule.max_chars


def _first_terms(rules: tuple[Rule, ...]) -> dict[str, _Owners]:
    triggers: dict[str, list[int]] = {}
    core: dict[str, list[tuple[int, int]]] = {}
    for index, rule in enumerate(rules):
        for term in rule.triggers:
            triggers.setdefault(term, []).append(index)
        for weight in rule.weights:
            for term in weight.terms if weight.core else ():
                core.setdefault(term, []).append((index, weight.points))
    return {
        term: _Owners(tuple(triggers.get(term, ())), tuple(core.get(term, ())))
        for term in triggers.keys() | core.keys()
    }


def _weighted_terms(rules: tuple[Rule, ...]) -> dict[str, tuple[tuple[int, int, bool], ...]]:
    terms: dict[str, list[tuple[int, int, bool]]] = {}
    for index, rule in enumerate(rules):
        for weight in rule.weights:
            for term in weight.terms:
                terms.setdefault(term, []).append((index, weight.points, weight.core))
    return {term: tuple(owners) for term, owners in terms.items()}
