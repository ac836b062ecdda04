"""What the steps pass along for one request, and the protocol of a step.

A step reads the masked document and the model's probabilities and fills its own part of the draft;
a step that is off leaves the documented default. The order of steps is `triage.pipeline`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from triage.model.features import Document
from triage.model.reading import Reading
from triage.request import (
    Acceptance,
    Area,
    CitizenRequest,
    DutyClause,
    Elements,
    Evidence,
    Matter,
    Prediction,
    Ranked,
    Topic,
    Unit,
    Urgency,
    Versions,
)
from triage.steps.conditions import Hits
from triage.steps.rule_terms import FoldedText
from triage.steps.rules import Match, as_one
from triage.text.mask import Masked

BEIJING = ZoneInfo("Asia/Shanghai")
NOT_JUDGED = Acceptance(confidence=0.0, reasons=("受理判定步骤未启用",))
"""What stands where the acceptance step is off."""
FEW = 60
"""Labels up to which a list sorts faster than an array."""


@dataclass(slots=True)
class Draft:
    """A prediction in the making.

    `probabilities` holds one row (labels,) per head; `matches` are the rules that hold for title
    and text read as one, in which the text begins at `text_offset`; `masked` knows where a place
    of the document's text stood in the text that was sent; `named` are the districts and
    townships of the text in its order, as (kind, name); `hits` what the text holds of the dispatch
    catalogue.
    """

    request: CitizenRequest
    document: Document
    reading: Reading
    probabilities: dict[str, NDArray[np.float32]]
    matches: tuple[Match, ...] = ()
    text_offset: int = 0
    acceptance: Acceptance = NOT_JUDGED
    risk_flags: tuple[str, ...] = ()
    request_type: Ranked | None = None
    topics: tuple[Topic, ...] = ()
    urgency: Urgency = field(default_factory=Urgency)
    flags: tuple[Ranked, ...] = ()
    units: tuple[Unit, ...] = ()
    support: tuple[Ranked, ...] = ()
    duty: DutyClause | None = None
    lead_before_duty: NDArray[np.float32] | None = None
    accused: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    area: Area | None = None
    elements: Elements = field(default_factory=Elements)
    matters: tuple[Matter, ...] = ()
    evidence: list[Evidence] = field(default_factory=list)
    assured: tuple[str, ...] = ()
    abstain_reasons: tuple[str, ...] = ()
    masked: Masked | None = None
    hits: Hits | None = None
    day: date | None = None
    folded_already: FoldedText | None = None

    @property
    def folded(self) -> FoldedText:
        """Title and text as one, folded, as the rules read them; `text_offset` is the same."""
        if self.folded_already is None:
            self.folded_already = FoldedText(as_one(self.document.text, self.document.title)[0])
        return self.folded_already

    @property
    def as_of(self) -> date:
        """The day in Beijing on which the request came in; today where it does not say."""
        if self.day is None:
            received = self.request.received_at
            self.day = (received.astimezone(BEIJING) if received else datetime.now(BEIJING)).date()
        return self.day

    def finish(self, versions: Versions) -> Prediction:
        """Freeze the draft into a prediction."""
        return Prediction(
            id=self.request.id,
            versions=versions,
            masked_text=self.document.text,
            acceptance=self.acceptance,
            risk_flags=self.risk_flags,
            request_type=self.request_type,
            topics=self.topics,
            urgency=self.urgency,
            flags=self.flags,
            units=self.units,
            support=self.support,
            duty=self.duty,
            accused=self.accused,
            area=self.area,
            elements=self.elements,
            matters=self._placed_matters(),
            evidence=self._placed_evidence(),
            assured=self.assured,
            abstain=bool(self.abstain_reasons),
            abstain_reasons=self.abstain_reasons,
            masked_title=self.document.title,
        )

    def _placed_matters(self) -> tuple[Matter, ...]:
        masked = self.masked
        if masked is None or not masked.spans:
            return self.matters
        return tuple(
            replace(matter, originals=tuple(masked.original_span(*span) for span in matter.spans))
            for matter in self.matters
        )

    def _placed_evidence(self) -> tuple[Evidence, ...]:
        masked = self.masked
        if masked is None or not masked.spans:
            return tuple(self.evidence)
        return tuple(
            replace(item, original=masked.original_span(item.start, item.end))
            for item in self.evidence
        )


class Step(Protocol):
    """One replaceable part of the pipeline."""

    name: str

    def __call__(self, draft: Draft) -> None:
        """Fill this step's part of the draft."""


def best(probabilities: NDArray[np.float32], k: int) -> list[int]:
    """Return the indices of the `k` largest values, best first; ties by index."""
    if len(probabilities) > FEW:
        order: list[int] = (-probabilities).argsort(kind="stable")[:k].tolist()
        return order
    values = probabilities.tolist()
    return sorted(range(len(values)), key=values.__getitem__, reverse=True)[:k]
