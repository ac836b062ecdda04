"""What a similar request is to the one asked about: a repeat, others' telling, the same elsewhere.

Three things that look alike and are treated differently: the same person again (one answer, and a
sign that the first did not help), other people of the same event (merged, each keeps the right to
an answer), and the same matter in another place (never merged). Read from a verdict and grounds.
"""

from __future__ import annotations

from enum import StrEnum

from triage.same_event.elsewhere import is_elsewhere
from triage.same_event.judgement import Judgement, Label


class Relation(StrEnum):
    """One of six; SAME_EVENT where it is not known whose the two requests are."""

    REPEAT = "REPEAT"
    OTHERS = "OTHERS"
    SAME_EVENT = "SAME_EVENT"
    ELSEWHERE = "ELSEWHERE"
    RELATED = "RELATED"
    UNRELATED = "UNRELATED"


_WHO = {"same_requester": Relation.REPEAT, "other_requester": Relation.OTHERS}
"""Grounds that say whose the two requests are."""


def relation_of(said: Judgement) -> Relation:
    """Return what the candidate is to the query."""
    if said.label is Label.UNRELATED:
        return Relation.UNRELATED
    if is_elsewhere(said):
        return Relation.ELSEWHERE
    if said.label is Label.RELATED:
        return Relation.RELATED
    found = (_WHO[one.kind] for one in said.evidence if one.kind in _WHO)
    return next(found, Relation.SAME_EVENT)
