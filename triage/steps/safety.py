"""Safety rules: written facts that raise the urgency of a request, and never lower it.

The levels are those of the annotation guideline (0 立即转警 … 4 低). A model's level and a rule's
level meet in `SafetyResult.raised`, which takes the more urgent; tone plays no part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from triage.request import Evidence
from triage.steps.rule_file import Rule
from triage.steps.rule_terms import FoldedText
from triage.steps.rules import Match, evidence, scan_request, sign_book

STEP = "urgency"


@dataclass(frozen=True, slots=True)
class SafetyResult:
    """The most urgent level that a rule found (0, 1, 2) or None, why, and where in the text."""

    level: int | None = None
    reasons: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def raised(self, level: int) -> int:
        """Return the more urgent of `level` and the rules' level: never a larger number."""
        return level if self.level is None else min(level, self.level)


def raise_urgency(text: str, *, title: str = "") -> SafetyResult:
    """Find the most urgent level that the written facts demand; offsets are those of `text`."""
    matches, offset = scan_request(text, title)
    return raise_matches(matches, text, offset=offset)


def raise_matches(matches: tuple[Match, ...], text: str, *, offset: int = 0) -> SafetyResult:
    """Raise from rules that already matched; `offset` is where `text` began in what was read."""
    levels = [match.rule.urgency for match in matches if match.rule.urgency is not None]
    if not levels:
        return SafetyResult()
    level = min(levels)
    speaking = tuple(match for match in matches if match.rule.urgency == level)
    return SafetyResult(
        level=level,
        reasons=tuple(dict.fromkeys(match.rule.reason for match in speaking)),
        evidence=evidence(speaking, text, offset=offset, step=STEP),
    )


def raise_signs(
    folded: FoldedText, text: str, chances: Mapping[int, float], *, offset: int = 0
) -> SafetyResult:
    """Raise from mere signs of danger, which count only where the model leans that way too.

    Parameters
    ----------
    folded : title and text as one, in which `text` begins at `offset`; not looked at unless the
        model could confirm a sign
    chances : the model's P(at least as urgent) by level
    """
    if not any(chances.get(level, 0.0) >= least for level, least in _least_chances().items()):
        return SafetyResult()
    found = sign_book().scan(folded.text, folded)
    confirmed = tuple(match for match in found if is_confirmed(match.rule, chances))
    return raise_matches(confirmed, text, offset=offset)


@lru_cache(maxsize=1)
def _least_chances() -> dict[int, float]:
    """Return for each level the smallest chance that confirms one of its signs."""
    least: dict[int, float] = {}
    for rule in sign_book().rules:
        if rule.urgency is not None and rule.confirm is not None:
            least[rule.urgency] = min(rule.confirm, least.get(rule.urgency, rule.confirm))
    return least


def is_confirmed(rule: Rule, chances: Mapping[int, float]) -> bool:
    """Say whether the model leans the way of a sign: it gives its level at least `confirm`."""
    level, least = rule.urgency, rule.confirm
    return level is not None and least is not None and chances.get(level, 0.0) >= least
