"""The decisions that a prediction shows, and where in the model's answer each confidence stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.catalogue import Catalogue
from triage.model.model import Measure, Model
from triage.steps.draft import Draft

Array = NDArray[np.float32]
MOST_URGENT_ALONE = 3
"""From this level on an urgency's confidence is the level's own; below, that of being so urgent."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One decision and the labels of `head` whose probabilities sum to its confidence."""

    step: str
    code: str
    name: str
    confidence: float
    head: str
    labels: slice

    def of(self, probabilities: Mapping[str, Array]) -> Array:
        """Return this decision's confidence in each row, float32 (n,)."""
        found: Array = probabilities[self.head][:, self.labels].sum(axis=1)
        return found


def asked_of(draft: Draft, model: Model, catalogue: Catalogue) -> tuple[Asked, ...]:
    """Return the decisions of a draft that rest on the model, in the order of the page."""
    found: list[tuple[str, str, str, float, str]] = []
    found += [("topic", t.code, t.name, t.confidence, "topic") for t in draft.topics[:1]]
    found += [("units", u.code, u.name, u.confidence, "lead_unit") for u in draft.units[:1]]
    if draft.request_type is not None:
        kind = draft.request_type
        name = name_of(catalogue, "request_type", kind.code)
        found.append(("request_type", kind.code, name, kind.confidence, "request_type"))
    if draft.urgency.level is not None and "urgency" in model.heads:
        code = str(draft.urgency.level)
        name = name_of(catalogue, "urgency", code)
        found.append(("urgency", code, name, draft.urgency.confidence, "urgency"))
    for step, head, ranked in (
        ("support", "support_units", draft.support),
        ("flags", "flags", draft.flags),
    ):
        found += [
            (step, r.code, name_of(catalogue, step, r.code), r.confidence, head) for r in ranked
        ]
    return tuple(
        Asked(*row, labels_of(model, row[4], row[1]))
        for row in found
        if row[1] in model.heads[row[4]].labels
    )


def measure_of(asked: Sequence[Asked]) -> Measure:
    """Return the function from the heads' probabilities to the decisions' confidences (n, D)."""

    def measure(probabilities: Mapping[str, Array]) -> Array:
        return np.stack([item.of(probabilities) for item in asked], axis=1)

    return measure


def name_of(catalogue: Catalogue, step: str, code: str) -> str:
    """Return the Chinese name of a code of a step; a code that no list knows is its own name."""
    if step == "urgency":
        entry = catalogue.urgency_levels.get(int(code)) if code.isdigit() else None
        return f"{code} 级（{entry.name}）" if entry else f"{code} 级"
    lists: dict[str, Mapping[str, object]] = {
        "topic": catalogue.topics,
        "units": catalogue.units,
        "support": catalogue.units,
        "request_type": catalogue.request_types,
        "flags": catalogue.flags,
        "acceptance": catalogue.acceptance,
        "risk_flags": catalogue.risk_flags,
    }
    return str(getattr(lists[step].get(code), "name", code))


def labels_of(model: Model, head: str, code: str) -> slice:
    """Return the labels whose probabilities sum to the confidence in a code of a head."""
    index = model.heads[head].labels.index(code)
    together = head == "urgency" and int(code) < MOST_URGENT_ALONE
    return slice(0 if together else index, index + 1)
