"""What single matters gave to the whole request: supports that lead a matter, and its urgency.

Such a decision was made by reading the matter alone, so its words are looked for in the matter's
text, by the head that decided there; that they carry it is shown on the whole request.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.explain.decisions import Asked, labels_of, name_of
from triage.explain.edits import without
from triage.explain.evidence import Carried, find_evidence
from triage.explain.explanation import MODEL
from triage.explain.found import Found
from triage.explain.parts import Part
from triage.explain.rerun import Rerun
from triage.explain.rule_grounds import raised, ruled
from triage.explain.rule_hits import Hit
from triage.steps.draft import Draft
from triage.text.element_words import ElementWords


def matter_decisions(draft: Draft, rerun: Rerun, words: ElementWords) -> Iterator[Found]:
    """Yield the decisions of the whole that one of its matters gave; nothing for one matter."""
    for support in draft.support:
        index = leading(draft, support.code)
        if index is not None:
            item = _asked(rerun, "support", support.code, support.confidence, "lead_unit")
            yield _by_model(item, index, draft, rerun, words)
    yield from _urgency(draft, rerun, words)


def leading(draft: Draft, code: str) -> int | None:
    """Return the matter that a unit supports the whole for, because it leads that one; or None."""
    found = [
        index
        for index, matter in enumerate(draft.matters)
        if matter.lead is not None and matter.lead.code == code
    ]
    return found[-1] if found else None


def _urgency(draft: Draft, rerun: Rerun, words: ElementWords) -> Iterator[Found]:
    """Yield the urgency where a matter is so urgent and the whole, read as one, is not."""
    level = draft.urgency.level
    of = [index for index, one in enumerate(draft.matters) if one.urgency.level == level]
    own = rerun.model_level(draft.probabilities.get("urgency"))
    if level is None or not of or (own is not None and own <= level):
        return
    part = Part.of(of[0], draft.matters[of[0]], draft.document)
    row = rerun.model.probabilities([rerun.model.read(part.document)]).get("urgency")
    hit = raised(part.document, None if row is None else row[0], level, rerun)
    code, confidence = str(level), draft.urgency.confidence
    if hit is not None:
        there = Hit(part.in_whole(Carried(hit.wordings)).wordings, hit.rules)
        yield ruled(there, draft, rerun, ("urgency", code, confidence), part.index)
    elif row is not None:
        item = _asked(rerun, "urgency", code, confidence, "urgency")
        yield _by_model(item, part.index, draft, rerun, words)


def _by_model(item: Asked, index: int, draft: Draft, rerun: Rerun, words: ElementWords) -> Found:
    part = Part.of(index, draft.matters[index], draft.document)
    reading = rerun.model.read(part.document)
    found = find_evidence(rerun.model, part.document, reading, [item], words=words)[0]
    carried = part.in_whole(found)
    if carried.places:
        left = rerun.confidence(without(draft.document, carried.places), item.step, item.code)
        carried = Carried(carried.wordings, left) if left < item.confidence else Carried()
    return Found(
        item.step, item.code, item.name, item.confidence, MODEL, carried, matter=part.index
    )


def _asked(rerun: Rerun, step: str, code: str, confidence: float, head: str) -> Asked:
    labels = labels_of(rerun.model, head, code)
    return Asked(step, code, name_of(rerun.catalogue, step, code), confidence, head, labels)
