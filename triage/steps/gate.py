"""The acceptance step: ask the gate's rules about the masked request."""

from __future__ import annotations

from triage.steps.acceptance import decide_matches
from triage.steps.draft import Draft


class AcceptanceStep:
    """Fill acceptance and risk flags; nobody is refused, only suggestions are made."""

    name = "acceptance"

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.acceptance` and `draft.risk_flags`."""
        result = decide_matches(draft.matches, draft.document.text, offset=draft.text_offset)
        draft.acceptance = result.acceptance
        draft.risk_flags = result.risk_flags
        draft.evidence.extend(result.evidence)
