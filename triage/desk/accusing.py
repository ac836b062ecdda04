"""Whom the text of an order accuses, asked by the step that asks at intake.

The text is the masked one, as the step reads it; names of units come through the mask.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from triage.request import Ranked
from triage.steps.accused import REPORT, Accusations
from triage.steps.rule_terms import FoldedText
from triage.steps.rules import as_one
from triage.workorder.order import WorkOrder


class Accusing:
    """Everyday names of units, by unit; their patterns are made when they are first asked for."""

    def __init__(self, unit_words: Mapping[str, tuple[str, ...]]) -> None:
        self._unit_words = unit_words

    @cached_property
    def _accusations(self) -> Accusations:
        return Accusations(self._unit_words)

    def __call__(self, order: WorkOrder) -> tuple[str, ...]:
        """Return the units that an order's text accuses, were it a report; () for none."""
        whole = FoldedText(as_one(order.text, order.title)[0])
        return self._accusations.accused(Ranked(REPORT, 1.0), whole.text)
