"""The same matter somewhere else: two places or districts keep requests apart, whatever the words.

Two estates whose lifts are out of order tell the same in the same words, and are two events. That
both name one place as well says that they may be one (a road on the border, a line of the metro).
"""

from __future__ import annotations

from triage.same_event.judgement import Judgement, Label

ELSEWHERE = frozenset({"other_place", "other_region"})
"""Contradictions (`grounds`) that name two places."""
SHARED = "shared_place"


def is_elsewhere(said: Judgement) -> bool:
    """Say whether two requests name different places or districts, and none that both have."""
    return any(one.kind in ELSEWHERE for one in said.contradictions) and not any(
        one.kind == SHARED for one in said.evidence
    )


def for_groups(said: Judgement) -> Judgement:
    """Return a verdict as groups take it: what is elsewhere is no part of the event."""
    if not is_elsewhere(said):
        return said
    return Judgement(Label.UNRELATED, 0.0, said.evidence, said.contradictions)
