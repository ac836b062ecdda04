"""The acceptance step: the gate's rules, and the model's word where it is sure that life is at risk.

Rules miss wording that nobody wrote down; the urgency head sees some of it. Out of fold it speaks
from `handoff` on for 2 of 13,309 ordinary letters, and for 54 % of spoken emergencies. Nobody is
refused here: everything but a hand-off is a suggestion.
"""

from __future__ import annotations

from collections.abc import Sequence

from triage.request import Acceptance
from triage.steps.acceptance import decide_matches
from triage.steps.draft import Draft

ACCEPT, HANDOFF = "ACCEPT", "EMERGENCY_HANDOFF"
NUMBER_OF = {"FIRE": "119", "HEALTH": "120", "TRAFFIC_POLICE": "122"}
"""The number by the most probable lead; police (110) take what is nobody's yet."""


class AcceptanceStep:
    """Fill acceptance and risk flags.

    Parameters
    ----------
    levels, units : labels of the urgency and lead-unit heads, () where the model lacks them
    handoff : probability of level 0 from which the model alone hands over
    """

    name = "acceptance"

    def __init__(self, levels: Sequence[str], units: Sequence[str], handoff: float) -> None:
        self._emergency = levels.index("0") if "0" in levels else None
        self._units = tuple(units)
        self._handoff = handoff

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.acceptance` and `draft.risk_flags`."""
        result = decide_matches(draft.matches, draft.document.text, offset=draft.text_offset)
        draft.acceptance = result.acceptance
        draft.risk_flags = result.risk_flags
        draft.evidence.extend(result.evidence)
        if result.acceptance.decision == ACCEPT and self._emergency is not None:
            probability = float(draft.probabilities["urgency"][self._emergency])
            if probability >= self._handoff:
                draft.acceptance = self._by_model(draft, probability)

    def _by_model(self, draft: Draft, probability: float) -> Acceptance:
        unit = ""
        if self._units:
            unit = self._units[int(draft.probabilities["lead_unit"].argmax())]
        return Acceptance(
            HANDOFF,
            probability,
            NUMBER_OF.get(unit, "110"),
            reasons=(
                f"模型从用词判断可能有人正处于危险中（把握 {probability:.0%}），请立即核实并转接",
            ),
        )
