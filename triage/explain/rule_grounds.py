"""What rules gave: acceptance, risk flags, and the urgency that written facts or signs raised.

Whether rules or the model gave an urgency is asked in the order of `steps.urgency`: the model's own
level counts first, then facts, then signs that the model confirms.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from triage.explain.decisions import name_of
from triage.explain.edits import without
from triage.explain.evidence import Carried
from triage.explain.explanation import RULE
from triage.explain.found import Found
from triage.explain.rerun import Rerun
from triage.explain.rule_hits import Hit, Speaks, by_signs, hits
from triage.model.features import Document
from triage.steps.draft import Draft
from triage.steps.rules import Match

ACCEPT, EMERGENCY = "ACCEPT", "EMERGENCY_HANDOFF"


def rule_decisions(draft: Draft, rerun: Rerun) -> Iterator[Found]:
    """Yield the decisions that rules gave to the request as a whole."""
    document, acceptance, level = draft.document, draft.acceptance, draft.urgency.level
    is_ruled = acceptance.decision not in (ACCEPT, "") and acceptance.confidence > 0
    if is_ruled:
        what = ("acceptance", acceptance.decision, acceptance.confidence)
        yield ruled(hits(document, _decides(acceptance.decision)), draft, rerun, what)
    for flag in draft.risk_flags:
        yield ruled(hits(document, _risks(flag)), draft, rerun, ("risk_flags", flag, 1.0))
    if level is None:
        return
    if is_ruled and acceptance.decision == EMERGENCY:
        hit: Hit | None = hits(document, _raises(level))
    else:
        hit = raised(document, draft.probabilities.get("urgency"), level, rerun)
    if hit is not None:
        yield ruled(hit, draft, rerun, ("urgency", str(level), draft.urgency.confidence))


def raised(
    document: Document, row: NDArray[np.float32] | None, level: int, rerun: Rerun
) -> Hit | None:
    """Return what raised a text to `level`; None where the model says so itself, or nothing does.

    `row` is the model's distribution over the levels of that text, None where it has no such head.
    """
    own = rerun.model_level(row)
    if own is not None and own <= level:
        return None
    hit = hits(document, _raises(level))
    if not hit.rules and row is not None:
        hit = hits(document, _raises(level), by_signs(rerun.chances(row)))
    return hit if hit.rules else None


def ruled(
    hit: Hit, draft: Draft, rerun: Rerun, what: tuple[str, str, float], matter: int | None = None
) -> Found:
    """Return a decision (step, code, confidence) that rules gave, with places of the whole."""
    step, code, confidence = what
    places = hit.places
    left = rerun.confidence(without(draft.document, places), step, code) if places else None
    name = name_of(rerun.catalogue, step, code)
    carried = Carried(hit.wordings, left)
    return Found(step, code, name, confidence, RULE, carried, hit.rules, matter)


def _decides(decision: str) -> Speaks:
    return lambda match: match.rule.decision == decision


def _raises(level: int) -> Speaks:
    def speaks(match: Match) -> bool:
        rule = match.rule
        raised = rule.urgency is not None and rule.urgency <= level
        return raised or (level == 0 and rule.decision == EMERGENCY)

    return speaks


def _risks(flag: str) -> Speaks:
    return lambda match: flag in match.rule.risk
