"""The acceptance step: ask the gate's rules, and doubt them where the model sees danger.

A hand-off is made by rules alone, which can say why. Where no rule speaks but the model finds
level 0 likely, the request stays accepted, with less confidence and a reason to check at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from triage.steps.acceptance import decide_matches
from triage.steps.draft import Draft

ACCEPT = "ACCEPT"


class AcceptanceStep:
    """Fill acceptance and risk flags.

    Parameters
    ----------
    levels : labels of the urgency head, () where the model lacks it
    doubt : probability of level 0 from which an accepted request is to be checked
    """

    name = "acceptance"

    def __init__(self, levels: Sequence[str], doubt: float) -> None:
        self._emergency = levels.index("0") if "0" in levels else None
        self._doubt = doubt

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.acceptance` and `draft.risk_flags`."""
        result = decide_matches(draft.matches, draft.document.text, offset=draft.text_offset)
        draft.acceptance = result.acceptance
        draft.risk_flags = result.risk_flags
        draft.evidence.extend(result.evidence)
        if result.acceptance.decision == ACCEPT and self._emergency is not None:
            danger = float(draft.probabilities["urgency"][self._emergency])
            if danger >= self._doubt:
                draft.acceptance = replace(
                    result.acceptance,
                    confidence=min(result.acceptance.confidence, 1 - danger),
                    reasons=(f"用词像是有人正处于危险中（把握 {danger:.0%}），请立即核实是否转接",),
                )
