"""What carried each decision of a draft: the model's weights, the rules, the dispatch catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from triage.explain.decisions import Asked, asked_of, name_of
from triage.explain.edits import places_of, without
from triage.explain.evidence import Carried, Wording, find_evidence
from triage.explain.explanation import CATALOGUE, MODEL
from triage.explain.found import Found
from triage.explain.matter_grounds import leading, matter_decisions
from triage.explain.rerun import Rerun
from triage.explain.rule_grounds import rule_decisions
from triage.steps.draft import Draft
from triage.text.element_words import ElementWords

WEIGHED = ("units", "support")


def grounds_of(draft: Draft, rerun: Rerun, words: ElementWords) -> list[Found]:
    """Return the decisions of a draft; those that rules, the catalogue or a matter made first."""
    given = [*rule_decisions(draft, rerun), *_catalogue_decisions(draft, rerun)]
    known = {(found.step, found.code) for found in given}
    given += [
        found
        for found in matter_decisions(draft, rerun, words)
        if (found.step, found.code) not in known
    ]
    known |= {(found.step, found.code) for found in given}
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
        if s.code in duty.support
        and leading(draft, s.code) is None
        and rerun.raw(draft, "support_units", s.code) < s.confidence / 2
    ]
    for step, code, confidence in given if places else ():
        left = rerun.confidence(without(draft.document, places), step, code)
        if left < confidence:
            name = name_of(rerun.catalogue, step, code)
            yield Found(step, code, name, confidence, CATALOGUE, Carried(wordings, left))
