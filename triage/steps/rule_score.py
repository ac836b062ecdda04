"""Scored rules: many weak signs of one thing add up where no single pattern fits.

A small linear scorer with points set by hand, so that every point can be read, questioned and
tested; a learned score may later stand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from triage.steps.rule_context import Spans, is_excused
from triage.steps.rule_file import Rule

BRIEF = 45
"""Characters up to which a text counts as brief: a cry for help of one or two clauses."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A weighted term found at [start, end)."""

    start: int
    end: int
    points: int
    core: bool


def score(rule: Rule, text: str, hits: list[Hit]) -> tuple[Spans, int] | None:
    """Return the spans that count for `rule` and its points above the threshold, or None."""
    needed = rule.threshold - (rule.brief if len(text) <= BRIEF else 0)
    if sum(hit.points for hit in hits if hit.points > 0) < needed:
        return None
    kept = [
        hit
        for hit in distinct(hits, text)
        if hit.points < 0 or not is_excused(rule, text, hit.start, hit.end)
    ]
    total = sum(hit.points for hit in kept)
    if total < needed or sum(hit.points for hit in kept if hit.core) < rule.core:
        return None
    if rule.unless_anywhere is not None and rule.unless_anywhere.search(text):
        return None
    return tuple((hit.start, hit.end) for hit in kept if hit.points > 0), total - needed


def distinct(hits: list[Hit], text: str) -> list[Hit]:
    """Count every term once and, of overlapping terms, the one that says more."""
    best: list[Hit] = []
    seen: set[str] = set()
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        term = text[hit.start : hit.end]
        if term in seen:
            continue
        if best and hit.start < best[-1].end:
            if abs(hit.points) <= abs(best[-1].points):
                continue
            best.pop()
        seen.add(term)
        best.append(hit)
    return best
