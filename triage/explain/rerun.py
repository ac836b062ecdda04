"""The pipeline once more, on edited requests: the same steps, less those that decide nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from triage.catalogue import Catalogue
from triage.explain.decisions import labels_of
from triage.explain.standing import Standing
from triage.model.features import Document
from triage.model.model import Model
from triage.pipeline import Pipeline
from triage.request import CitizenRequest
from triage.steps.draft import Draft
from triage.steps.elements import ElementsStep
from triage.steps.urgency import UrgencyStep

IDLE = frozenset({"evidence", "abstention"})
"""Steps that only comment on what the others decided."""
NOWHERE = frozenset({"unknown", "unknown_township"})
"""Kinds of area in which no district is known."""
HEADS = {"urgency": "urgency", "units": "lead_unit", "support": "support_units"}
CHARACTERS = 30_000
"""Characters run again for one explanation: some 30 ms of work, whatever the length of the text."""
FEWEST, MOST = 2, 24
"""Runs of a very long and of a short text."""


class Rerun:
    """Runs edited documents of one request; what was run once is remembered."""

    def __init__(self, pipeline: Pipeline, request: CitizenRequest) -> None:
        steps = [step for step in pipeline.steps if step.name not in IDLE]
        self._pipeline = Pipeline(
            pipeline.model, pipeline.catalogue, pipeline.settings, steps, places=pipeline.places
        )
        self._request = request
        self._urgency = next((step for step in steps if isinstance(step, UrgencyStep)), None)
        elements = (step for step in steps if isinstance(step, ElementsStep))
        self._extractor = next((step.extractor for step in elements), None)
        self._drafts: dict[Document, Draft] = {}
        length = max(1, len(request.title) + len(request.text))
        self._most = min(MOST, max(FEWEST, CHARACTERS // length))

    @property
    def model(self) -> Model:
        """The model that is run."""
        return self._pipeline.model

    @property
    def catalogue(self) -> Catalogue:
        """The code lists that name what comes out."""
        return self._pipeline.catalogue

    @property
    def is_spent(self) -> bool:
        """Whether looking for more would take too long."""
        return len(self._drafts) >= self._most

    def draft(self, document: Document) -> Draft:
        """Return the finished draft of an edited, masked document."""
        known = self._drafts.get(document)
        if known is None:
            request = replace(self._request, title=document.title, text=document.text)
            known = self._drafts[document] = self._pipeline.drafts([request])[0]
        return known

    def is_local(self, draft: Draft) -> bool:
        """Tell whether another organisation would lead once the district were known."""
        districts = self.catalogue.districts(draft.as_of)
        if draft.area is None or draft.area.kind not in NOWHERE or not districts:
            return False
        there = replace(
            self._request,
            title=draft.document.title,
            text=draft.document.text,
            district=districts[0].name,
        )
        return Standing.of(self._pipeline.drafts([there])[0]).body != Standing.of(draft).body

    def names_a_place(self, title: str) -> bool:
        """Tell whether a title names a place; the elements of a draft are those of its text."""
        extractor = self._extractor
        return (
            bool(title) and extractor is not None and bool(extractor.extract(title).elements.place)
        )

    def raw(self, draft: Draft, head: str, code: str) -> float:
        """Return what the model alone makes of a code, before the dispatch catalogue weighs it."""
        labels = self.model.heads[head].labels
        row = self.model.probabilities([draft.reading])[head][0]
        return float(row[labels.index(code)]) if code in labels else 0.0

    def standing(self, document: Document) -> Standing:
        """Return where the edited request stands."""
        return Standing.of(self.draft(document))

    def confidence(self, document: Document, step: str, code: str) -> float:
        """Return how sure the edited request still makes of what a rule had decided.

        0.0 where the rule no longer holds; for what the model knows too, its probability then.
        """
        draft = self.draft(document)
        if step == "acceptance":
            return draft.acceptance.confidence if draft.acceptance.decision == code else 0.0
        if step == "risk_flags":
            return 1.0 if code in draft.risk_flags else 0.0
        level = draft.urgency.level
        if step == "urgency" and level is not None and level <= int(code):
            return draft.urgency.confidence
        named = [unit.confidence for unit in draft.support if unit.code == code]
        if step == "support" and named:
            return named[0]
        head = HEADS[step]
        row = draft.probabilities.get(head)
        if row is None or code not in self.model.heads[head].labels:
            return 0.0
        return float(row[labels_of(self.model, head, code)].sum())

    def model_level(self, row: NDArray[np.float32] | None) -> int | None:
        """Return the level that the model alone gives; None where it has no such head."""
        return None if self._urgency is None or row is None else self._urgency.model_level(row)[0]

    def chances(self, row: NDArray[np.float32]) -> dict[int, float]:
        """Return P(at least as urgent) of each level; {} where the step is off."""
        return {} if self._urgency is None else self._urgency.chances(row)
