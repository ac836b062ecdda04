"""Urgency: the model's level, which safety rules and the acceptance gate may only raise.

A missed emergency costs more than a false alarm, so a level is taken as soon as P(level ≤ j)
passes a threshold set by the city, not when it is the most probable one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.request import Urgency
from triage.steps.draft import Draft
from triage.steps.safety import raise_matches

CRITICAL = 1
"""A level up to this one is never given without a reason, even if only the model says so."""
RULE_CONFIDENCE = 0.9
"""Given to a level that a rule named: the rules' measured precision, rounded down."""


class UrgencyStep:
    """Combine the model's distribution over levels with the safety rules."""

    name = "urgency"

    def __init__(self, labels: Sequence[str], thresholds: Sequence[float]) -> None:
        self._levels = [int(label) for label in labels]
        self._thresholds = tuple(thresholds)

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.urgency`; runs after the acceptance gate."""
        row = draft.probabilities.get("urgency")
        level, confidence = (None, 0.0) if row is None else self.model_level(row)
        reasons: tuple[str, ...] = ()
        if level is not None and level <= CRITICAL:
            reasons = (f"模型从用词判断可能是 {level} 级（把握 {confidence:.0%}），请核实",)
        if draft.acceptance.decision == "EMERGENCY_HANDOFF":
            level, confidence = 0, max(RULE_CONFIDENCE, draft.acceptance.confidence)
            reasons = draft.acceptance.reasons
        else:
            found = raise_matches(draft.matches, draft.document.text, offset=draft.text_offset)
            if found.level is not None and (level is None or found.level < level):
                level, confidence, reasons = found.level, RULE_CONFIDENCE, found.reasons
                draft.evidence.extend(found.evidence)
        draft.urgency = Urgency(level, confidence, reasons)

    def model_level(self, row: NDArray[np.float32]) -> tuple[int, float]:
        """Return the level of a distribution over `labels`, and how sure it is.

        For levels 0–2 that is P(at least this urgent), which passed its threshold; for 3 and 4 the
        level's own probability.
        """
        cumulative = row.cumsum()
        for index, level in enumerate(self._levels):
            if level < len(self._thresholds) and cumulative[index] >= self._thresholds[level]:
                return level, float(cumulative[index])
        urgent = sum(level < len(self._thresholds) for level in self._levels)
        index = urgent + int(row[urgent:].argmax()) if urgent < len(row) else len(row) - 1
        return self._levels[index], float(row[index])
