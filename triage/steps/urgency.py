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
from triage.steps.rules import sign_book
from triage.steps.safety import raise_matches, raise_signs

CRITICAL = 1
"""A level up to this one is never given without a reason, even if only the model says so."""
RULE_CONFIDENCE = 0.9
"""Given to a level that a rule named: the rules' measured precision, rounded down."""
SIGN_CONFIDENCE = 0.45
"""Given to a level that only signs and a leaning model named: their share of right ones on the
developers' labelled letters and written samples, out of fold, rounded down."""


class UrgencyStep:
    """Combine the model's distribution over levels with the safety rules."""

    name = "urgency"

    def __init__(self, labels: Sequence[str], thresholds: Sequence[float]) -> None:
        self._levels = [int(label) for label in labels]
        self._thresholds = tuple(thresholds)
        sign_book()  # read now, not with the first request that needs it

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
            text, offset = draft.document.text, draft.text_offset
            found = raise_matches(draft.matches, text, offset=offset)
            if found.level is not None and (level is None or found.level < level):
                level, confidence, reasons = found.level, RULE_CONFIDENCE, found.reasons
                draft.evidence.extend(found.evidence)
            if row is not None and (level is None or level > CRITICAL):
                signs = raise_signs(draft.folded, text, self.chances(row), offset=offset)
                if signs.level is not None:
                    level, confidence, reasons = signs.level, SIGN_CONFIDENCE, signs.reasons
                    draft.evidence.extend(signs.evidence)
        draft.urgency = Urgency(level, confidence, reasons)

    def chances(self, row: NDArray[np.float32]) -> dict[int, float]:
        """Return P(at least as urgent) of each level."""
        return dict(zip(self._levels, row.cumsum().tolist(), strict=True))

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
