"""What carried each decision of a draft: the model's weights, the rules, the dispatch catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from triage.explain.decisions import Asked, asked_of, name_of
from triage.explain.edits import places_of, without
from triage.explain.evidence import Carried, Wording, find_evidence
from triage.explain.explanation import CATALOGUE, MODEL, RULE
from triage.explain.rerun import Rerun
from triage.explain.rule_hits import Speaks, hits
from triage.steps.draft import Draft
from triage.steps.rules import Match
from triage.text.element_words import ElementWords

ACCEPT, EMERGENCY = "ACCEPT", "EMERGENCY_HANDOFF"
WEIGHED = ("units", "support")


@dataclass(frozen=True, slots=True)
class Found:
    """One decision, what carried it, and who spoke: see `explanation.MODEL`."""

    step: str
    code: str
    name: str
    confidence: float
    source: str
    carried: Carried


def grounds_of(draft: Draft, rerun: Rerun, words: ElementWords) -> list[Found]:
    """Return the decisions of a draft; those that rules or the catalogue made come first."""
    given = [*_rule_decisions(draft, rerun), *_catalogue_decisions(draft, rerun)]
    known = {(found.step, found.code) for found in given}
    asked = [
        item
        for item in asked_of(draft, rerun.model, rerun.catalogue)
        if (item.step, item.code) not in known
    ]
    carried = find_evidence(rerun.model, draft.document, draft.reading, asked, words=words)
    return given + [
        Found(
            item.step,
            item.code,
            item.name,
            item.confidence,
            MODEL,
            _weighed(item, found, draft, rerun),
        )
        for item, found in zip(asked, carried, strict=True)
    ]


def _weighed(item: Asked, carried: Carried, draft: Draft, rerun: Rerun) -> Carried:
    """Ask the whole pipeline about units, whose probabilities the dispatch catalogue weighs too."""
    if item.step not in WEIGHED or not carried.wordings:
        return carried
    left = rerun.confidence(without(draft.document, carried.places), item.step, item.code)
    return Carried(carried.wordings, left) if left < item.confidence else Carried()


def _catalogue_decisions(draft: Draft, rerun: Rerun) -> Iterator[Found]:
    """Yield the lead and the supports that the governing entry gave against the model."""
    duty = draft.duty
    if duty is None or duty.is_default:
        return
    words = {e.text: None for e in draft.evidence if e.step == "units"}
    wordings = tuple(Wording(text, places_of(draft.document, text)) for text in words)
    places = [place for wording in wordings for place in wording.places]
    given = [("units", u.code, u.confidence) for u in draft.units[:1] if duty.decided]
    given += [
        ("support", s.code, s.confidence)
        for s in draft.support
        if s.code in duty.support and rerun.raw(draft, "support_units", s.code) < s.confidence / 2
    ]
    for step, code, confidence in given if places else ():
        left = rerun.confidence(without(draft.document, places), step, code)
        if left < confidence:
            name = name_of(rerun.catalogue, step, code)
            yield Found(step, code, name, confidence, CATALOGUE, Carried(wordings, left))


def _rule_decisions(draft: Draft, rerun: Rerun) -> Iterator[Found]:
    acceptance = draft.acceptance
    is_ruled = acceptance.decision not in (ACCEPT, "") and acceptance.confidence > 0
    if is_ruled:
        yield _found(
            draft,
            rerun,
            ("acceptance", acceptance.decision, acceptance.confidence),
            lambda match: match.rule.decision == acceptance.decision,
        )
    for flag in draft.risk_flags:
        yield _found(draft, rerun, ("risk_flags", flag, 1.0), _risks(flag))
    level = draft.urgency.level
    if level is None:
        return
    raised = any(_raises(level)(match) for match in draft.matches)
    handed_over = is_ruled and acceptance.decision == EMERGENCY
    if handed_over or (raised and not _model_says(draft, rerun)):
        what = ("urgency", str(level), draft.urgency.confidence)
        yield _found(draft, rerun, what, _raises(level))


def _found(draft: Draft, rerun: Rerun, what: tuple[str, str, float], speaks: Speaks) -> Found:
    step, code, confidence = what
    wordings = hits(draft.document, speaks)
    places = [place for wording in wordings for place in wording.places]
    left = rerun.confidence(without(draft.document, places), step, code) if places else None
    name = name_of(rerun.catalogue, step, code)
    return Found(step, code, name, confidence, RULE, Carried(wordings, left))


def _raises(level: int) -> Speaks:
    def speaks(match: Match) -> bool:
        rule = match.rule
        raised = rule.urgency is not None and rule.urgency <= level
        return raised or (level == 0 and rule.decision == EMERGENCY)

    return speaks


def _risks(flag: str) -> Speaks:
    return lambda match: flag in match.rule.risk


def _model_says(draft: Draft, rerun: Rerun) -> bool:
    """Tell whether the model alone is at least so urgent as the draft."""
    level = rerun.model_level(draft)
    return level is not None and draft.urgency.level is not None and level <= draft.urgency.level
