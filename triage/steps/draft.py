"""What the steps pass along for one request, and the protocol of a step.

A step reads the masked document and the model's probabilities and fills its own part of the draft;
a step that is off leaves the documented default. The order of steps is `triage.pipeline`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from triage.model.features import Document
from triage.model.linear import Reading
from triage.request import (
    Acceptance,
    CitizenRequest,
    Elements,
    Evidence,
    Prediction,
    Ranked,
    Topic,
    Unit,
    Urgency,
    Versions,
)
from triage.steps.rules import Match

NOT_JUDGED = Acceptance(confidence=0.0, reasons=("受理判定步骤未启用",))
"""What stands where the acceptance step is off."""


@dataclass(slots=True)
class Draft:
    """A prediction in the making.

    `probabilities` holds one row (labels,) per head; `matches` are the rules that hold for title
    and text read as one, in which the text begins at `text_offset`.
    """

    request: CitizenRequest
    document: Document
    reading: Reading
    probabilities: Mapping[str, NDArray[np.float32]]
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
    elements: Elements = field(default_factory=Elements)
    evidence: list[Evidence] = field(default_factory=list)
    abstain_reasons: tuple[str, ...] = ()

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
            elements=self.elements,
            evidence=tuple(self.evidence),
            abstain=bool(self.abstain_reasons),
            abstain_reasons=self.abstain_reasons,
        )


class Step(Protocol):
    """One replaceable part of the pipeline."""

    name: str

    def __call__(self, draft: Draft) -> None:
        """Fill this step's part of the draft."""


def best(probabilities: NDArray[np.float32], k: int) -> list[int]:
    """Return the indices of the `k` largest values, best first; ties by index."""
    candidates: Sequence[int]
    if len(probabilities) <= k:
        candidates = range(len(probabilities))
    else:
        candidates = np.argpartition(-probabilities, k)[: k + 1].tolist()
    return sorted(candidates, key=lambda i: (-probabilities[i], i))[:k]
