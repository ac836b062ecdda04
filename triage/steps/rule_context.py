"""Where a trigger stands: what is near it, and what excuses it (past, denied, an idiom …).

Looks only at a few dozen characters around a trigger, so a long text costs no more than a short
one. Speech comes without punctuation: a clause ends at a stop or after `CLAUSE` characters.
"""

from __future__ import annotations

from triage.steps.rule_file import Excuse, Rule
from triage.steps.rule_notation import Pattern, compiled

Spans = tuple[tuple[int, int], ...]

CLAUSE = 20
"""Characters either side of a trigger that its clause may reach: speech has no punctuation."""
TOUCHING = 4
"""Characters before a trigger in which a denial (没有, 不会) still belongs to it."""
BUT = 24
"""Characters either side in which "still burning" cancels "yesterday"."""
AROUND = 6
"""Characters either side that a phrase may add to the trigger it swallows."""

_STOP = r"，。！？；、,!?;\n …"
_CLAUSE_END = compiled(f"[{_STOP}]")
_CLAUSE_START = compiled(f"[{_STOP}][^{_STOP}]*$")
_SENTENCE_START = compiled(r"[。！？!?\n][^。！？!?\n]*$")


def holds(rule: Rule, text: str, start: int, end: int) -> Spans | None:
    """Return the spans that make `rule` hold for the trigger at [start, end), or None."""
    low, high = max(0, start - rule.reach), min(len(text), end + rule.reach)
    spans = [(start, end)]
    for group in rule.near:
        hit = group.search(text, low, high)
        if hit is None:
            return None
        spans.append(hit.span())
    cues = [hit.span() for group in rule.cues if (hit := group.search(text, low, high))]
    if len(cues) < rule.at_least:
        return None
    if rule.unless_near is not None and rule.unless_near.search(text, low, high):
        return None
    if is_excused(rule, text, start, end):
        return None
    if rule.unless_anywhere is not None and rule.unless_anywhere.search(text):
        return None
    return tuple(sorted({*spans, *cues}))


def is_excused(rule: Rule, text: str, start: int, end: int) -> bool:
    """Say whether one of the rule's excuses speaks for the term at [start, end)."""
    return any(_speaks(excuse, text, start, end) for excuse in rule.excuses)


def _speaks(excuse: Excuse, text: str, start: int, end: int) -> bool:
    if not (
        (excuse.touching and excuse.touching.search(text, max(0, start - TOUCHING), start))
        or (excuse.clause and _in_clause(excuse.clause, text, start, end))
        or (excuse.before and _before(excuse.before, text, start, excuse.span))
        or (excuse.around and _swallows(excuse.around, text, start, end))
        or (excuse.anywhere and excuse.anywhere.search(text))
    ):
        return False
    return excuse.but is None or excuse.but.search(text, max(0, start - BUT), end + BUT) is None


def _in_clause(pattern: Pattern, text: str, start: int, end: int) -> bool:
    stop = _CLAUSE_END.search(text, end, end + CLAUSE)
    high = stop.start() if stop else min(len(text), end + CLAUSE)
    low = max(0, start - CLAUSE)
    begin = _CLAUSE_START.search(text, low, start)
    return pattern.search(text, begin.start() if begin else low, high) is not None


def _before(pattern: Pattern, text: str, start: int, span: int) -> bool:
    low = max(0, start - span)
    begin = _SENTENCE_START.search(text, low, start)
    return pattern.search(text, begin.start() if begin else low, start) is not None


def _swallows(pattern: Pattern, text: str, start: int, end: int) -> bool:
    """Say whether a phrase overlaps the trigger: 火锅 swallows 火."""
    return any(
        hit.start() < end and hit.end() > start
        for hit in pattern.finditer(text, max(0, start - AROUND), min(len(text), end + AROUND))
    )
