"""An explanation put together: evidence, counterfactuals and questions of one request.

Slower than triage by far (tens of milliseconds), so it is asked for apart. Nothing is said that a
second run of the pipeline, or of the model, has not shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from triage.explain.book import load_book
from triage.explain.counterfactuals import Search, Shown
from triage.explain.edits import TITLE, Place
from triage.explain.explanation import (
    MODEL,
    Counterfactual,
    Decided,
    Explanation,
    Grounds,
    Span,
)
from triage.explain.found import Found
from triage.explain.grounds import grounds_of
from triage.explain.near_duties import NearDuties
from triage.explain.questions import questions
from triage.explain.rerun import Rerun
from triage.pipeline import Pipeline
from triage.request import CitizenRequest
from triage.steps.draft import Draft
from triage.steps.elements import ElementsStep
from triage.text.element_words import ElementWords, load_cues, load_objects
from triage.text.mask import mask

SHOWN = 50
"""Places of a wording, or of an edit, that are listed; what was taken out was taken out at all."""


class ExplainingPipeline(Pipeline):
    """A pipeline that can also say why; triage itself is untouched."""

    def explain(self, request: CitizenRequest) -> Explanation:
        """Return why this request is decided as it is; safe to call from threads."""
        draft = self.drafts([request])[0]
        rerun = Rerun(self, request)
        found = grounds_of(draft, rerun, self.words())
        carried = {(item.step, item.code): item.carried for item in found}
        search = Search(draft, carried, load_book(), self._duties, rerun)
        spans = _Spans(request, draft)
        return Explanation(
            id=request.id,
            versions=self.versions,
            masked_title=draft.document.title,
            masked_text=draft.document.text,
            decisions=tuple(_decided(item, spans) for item in found),
            counterfactuals=tuple(_counterfactual(shown, spans) for shown in search.find()),
            questions=questions(draft, load_book(), self.settings, rerun),
            duty=draft.finish(self.versions).to_json()["duty"],
        )

    @cached_property
    def _duties(self) -> NearDuties:
        return NearDuties(self.catalogue)

    def words(self) -> ElementWords:
        """Return the words that no span is cut through: those of the elements step, where on."""
        for step in self.steps:
            if isinstance(step, ElementsStep):
                return step.extractor.words
        return ElementWords({}, load_objects(), load_cues())


class _Spans:
    """Places of the masked request as spans that also say where they stood in the original."""

    def __init__(self, request: CitizenRequest, draft: Draft) -> None:
        self._document = draft.document
        self._title = mask(request.title)
        self._text = draft.masked or mask(request.text)

    def of(self, places: Sequence[Place]) -> tuple[Span, ...]:
        return tuple(self._one(place) for place in places[:SHOWN])

    def _one(self, place: Place) -> Span:
        masked = self._title if place.field == TITLE else self._text
        words = getattr(self._document, place.field)[place.start : place.end]
        original = masked.original_span(place.start, place.end)
        return Span(place.field, place.start, place.end, *original, words)


def _decided(found: Found, spans: _Spans) -> Decided:
    return Decided(
        found.step,
        found.code,
        found.name,
        found.confidence,
        found.carried.without,
        tuple(
            Grounds(span, found.source, wording.drop if found.source == MODEL else None)
            for wording in found.carried.wordings
            for span in spans.of(wording.places)
        ),
        found.rules,
        found.matter,
    )


def _counterfactual(shown: Shown, spans: _Spans) -> Counterfactual:
    trial = shown.trial
    places = () if trial.kind == "insert" else spans.of(trial.places)
    return Counterfactual(trial.kind, shown.sentence, places, trial.words, shown.changes)
