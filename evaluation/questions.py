"""Whether the right question is asked: elements are taken out; are they asked for then.

A request is read as a call (without its title). Its place, time, object or demand is taken out at
every place where it stands; when that changes the decision (acceptance, topic, lead unit, its
organisation, urgency) the question for it ought to be asked, when it does not, nothing ought to
be. Spans are the marked ones where the data have them, else those that the extractor finds.
Figures only, no text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from evaluation.rounding import rounded
from evaluation.truth import Example
from triage.explain import ExplainingPipeline
from triage.explain.book import load_book
from triage.explain.edits import TEXT, Place, without
from triage.explain.questions import FACT, OBJECT, Worth, chosen, worths
from triage.explain.rerun import Rerun
from triage.explain.standing import Standing
from triage.model.features import Document
from triage.request import CitizenRequest, Json
from triage.text.elements import WANTED, ElementExtractor, ElementSpan

DECIDED = ("acceptance", "topic", "units", "urgency")
GRID = (0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3)
LEAST_LEFT = 10
"""Characters that must be left: a request taken out whole is no request."""


@dataclass(frozen=True, slots=True)
class Removal:
    """One element of one request taken out (`element` "" : nothing was).

    `changed` tells whether the decision differs from that on the whole request, `worths` what every
    question would be worth then.
    """

    element: str
    changed: bool
    worths: tuple[Worth, ...]

    def asked(self, thresholds: Mapping[str, float] | None = None) -> tuple[str, ...]:
        """Return the elements that would be asked for."""
        return tuple(worth.element for worth in chosen(self.worths, thresholds))


def removals(
    pipeline: ExplainingPipeline,
    examples: Iterable[Example],
    marks: Mapping[str, Sequence[ElementSpan]] | None = None,
    *,
    keep_district: bool = False,
    on_row: Callable[[], object] = lambda: None,
) -> list[Removal]:
    """Take every element of every example out, one at a time; `marks` are spans by id.

    `keep_district` leaves the district that stands beside the text when the place is taken out.
    """
    extractor = ElementExtractor(pipeline.catalogue.place_names())
    found: list[Removal] = []
    for example in examples:
        request = replace(example.request, title="")
        spans = extractor.extract(example.text).spans if marks is None else marks[example.id]
        whole, standing = _read(pipeline, request)
        found.append(Removal("", False, whole))
        for element in WANTED:
            places = [Place(TEXT, s.start, s.end) for s in spans if s.type == element]
            edited = without(Document("", example.text), places).text
            if not places or len(edited.strip()) < LEAST_LEFT:
                continue
            bare = replace(request, text=edited)
            if element == "place" and not keep_district:
                bare = replace(bare, district=None, township=None)
            then, after = _read(pipeline, bare)
            changed = standing.body != after.body or any(
                change.step in DECIDED for change in standing.changes(after)
            )
            found.append(Removal(element, changed, then))
        on_row()
    return found


def _read(
    pipeline: ExplainingPipeline, request: CitizenRequest
) -> tuple[tuple[Worth, ...], Standing]:
    draft = pipeline.drafts([request])[0]
    return (
        tuple(worths(draft, load_book(), pipeline.settings, Rerun(pipeline, request))),
        Standing.of(draft),
    )


def scores(
    found: Sequence[Removal], thresholds: Mapping[str, float] | None = None
) -> dict[str, Json]:
    """Return recall, precision and specificity by element and over all, and how much is asked."""
    taken = [removal for removal in found if removal.element]
    whole = [removal for removal in found if not removal.element]
    result: dict[str, Json] = {
        element: _score([r for r in taken if r.element == element], thresholds)
        for element in WANTED
    }
    result["all"] = _score(taken, thresholds)
    asked = [len(removal.asked(thresholds)) for removal in whole]
    result["whole_requests"] = {
        "n": len(whole),
        "without_question": rounded(sum(n == 0 for n in asked) / max(1, len(asked))),
        "questions_a_request": rounded(sum(asked) / max(1, len(asked))),
    }
    return result


def _score(taken: Sequence[Removal], thresholds: Mapping[str, float] | None) -> Json:
    changed = [removal for removal in taken if removal.changed]
    same = [removal for removal in taken if not removal.changed]
    hits = sum(_is_asked(removal, thresholds) for removal in changed)
    any_asked = sum(bool(removal.asked(thresholds)) for removal in changed)
    false = sum(_is_asked(removal, thresholds) for removal in same)
    quiet = sum(not removal.asked(thresholds) for removal in same)
    return {
        "n": len(taken),
        "changed": len(changed),
        "recall": _share(hits, len(changed)),
        "any_question_when_changed": _share(any_asked, len(changed)),
        "precision": _share(hits, hits + false),
        "not_asked_when_same": _share(len(same) - false, len(same)),
        "no_question_when_same": _share(quiet, len(same)),
    }


def _is_asked(removal: Removal, thresholds: Mapping[str, float] | None) -> bool:
    """Tell whether the element is asked for; an object also by the question that splits topics."""
    names = {removal.element, FACT} if removal.element == OBJECT else {removal.element}
    return bool(names & set(removal.asked(thresholds)))


def _share(part: int, whole: int) -> float | None:
    return rounded(part / whole) if whole else None


def by_threshold(found: Sequence[Removal]) -> dict[str, Json]:
    """Return, for the question of each element, how well its worth tells changes, and a sweep.

    `auc` is the chance that a removal that changed the decision makes the question worth more than
    one that did not; each row of `sweep` is threshold, share of the changed and of the unchanged
    that pass it, and the F1 of asking from there on.
    """
    return {element: _sweep([r for r in found if r.element == element]) for element in WANTED}


def _sweep(taken: Sequence[Removal]) -> Json:
    changed = [_worth(removal) for removal in taken if removal.changed]
    same = [_worth(removal) for removal in taken if not removal.changed]
    if not changed or not same:
        return {"auc": None, "sweep": []}
    wins = sum((a > b) + 0.5 * (a == b) for a in changed for b in same)
    rows: list[Json] = []
    for threshold in GRID:
        hits = sum(value >= threshold for value in changed)
        false = sum(value >= threshold for value in same)
        f1 = 2 * hits / (hits + false + len(changed))
        shares = (hits / len(changed), false / len(same), f1)
        rows.append([threshold, *map(rounded, shares)])
    return {"auc": rounded(wins / (len(changed) * len(same))), "sweep": rows}


def _worth(removal: Removal) -> float:
    names = {removal.element, FACT} if removal.element == OBJECT else {removal.element}
    return max((w.value for w in removal.worths if w.element in names), default=0.0)
