"""One decision of a draft with what carried it: a value that the three sources of grounds share."""

from __future__ import annotations

from dataclasses import dataclass

from triage.explain.evidence import Carried
from triage.explain.explanation import NamedRule


@dataclass(frozen=True, slots=True)
class Found:
    """One decision, what carried it, and who spoke: see `explanation.MODEL`.

    `rules` are those that gave it; `matter` is the position of the matter that it came from, None
    for the whole request.
    """

    step: str
    code: str
    name: str
    confidence: float
    source: str
    carried: Carried
    rules: tuple[NamedRule, ...] = ()
    matter: int | None = None
