"""The acceptance gate: hand an emergency over at once, suggest other routes, accept all else.

Only ACCEPT and EMERGENCY_HANDOFF stand without a person; every other decision is a suggestion
(国办函〔2025〕66号 §二; a keyword that turns a wage claim away is itself 推诿). The gate chooses
among the rules that matched; a learned score may later join the candidates in `_candidate`.
"""

from __future__ import annotations

from dataclasses import dataclass

from triage.request import Acceptance, Evidence
from triage.steps.rules import Match, evidence, scan_request

STEP = "acceptance"
ACCEPT = "ACCEPT"
EMERGENCY = "EMERGENCY_HANDOFF"
REFUSALS = ("STATUTORY_ROUTE", "MALICIOUS", "OUT_OF_SCOPE")
"""Decisions that a person confirms, the one that wins first."""
ACCEPT_CONFIDENCE = 0.95
"""Given to ACCEPT: 99 % of the real ordinary messages are accepted and should be
(`evaluation/results/acceptance.json`); less is claimed, for they seldom put the question."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """The decision, the risk flags (human only), and the spans of the text that spoke for them.

    `rule` is the id of the rule that decided; None where nothing did and the request is accepted.
    """

    acceptance: Acceptance
    risk_flags: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    rule: str | None = None


def decide(text: str, *, title: str = "") -> GateResult:
    """Decide what happens to a request; an empty text is accepted.

    Parameters
    ----------
    text, title
        Masked text, as it came in otherwise; evidence offsets count characters of `text`.
    """
    matches, offset = scan_request(text, title)
    return decide_matches(matches, text, offset=offset)


def decide_matches(matches: tuple[Match, ...], text: str, *, offset: int = 0) -> GateResult:
    """Decide from rules that already matched; `offset` is where `text` began in what was read."""
    chosen = _candidate(matches)
    risks = tuple(match for match in matches if match.rule.risk)
    flags = dict.fromkeys(flag for match in risks for flag in match.rule.risk)
    speaking = risks + ((chosen,) if chosen is not None and chosen not in risks else ())
    return GateResult(
        acceptance=_acceptance(chosen),
        risk_flags=tuple(flags),
        evidence=evidence(speaking, text, offset=offset, step=STEP),
        rule=chosen.rule.id if chosen is not None else None,
    )


def _candidate(matches: tuple[Match, ...]) -> Match | None:
    """Return the match that decides: the strongest emergency; a refusal if nothing holds it."""
    emergencies = [match for match in matches if match.rule.decision == EMERGENCY]
    if emergencies:
        return max(emergencies, key=lambda match: match.strength)  # the first of equals
    if any(match.rule.holds or match.rule.risk for match in matches):
        return None
    for decision in REFUSALS:
        refusals = [match for match in matches if match.rule.decision == decision]
        if refusals:
            return refusals[0]
    return None


def _acceptance(match: Match | None) -> Acceptance:
    if match is None:
        return Acceptance(confidence=ACCEPT_CONFIDENCE)
    rule = match.rule
    decision = rule.decision or ACCEPT
    return Acceptance(
        decision=decision,
        confidence=rule.confidence,
        transfer_to=rule.transfer_to,
        route=rule.route,
        needs_confirmation=decision in REFUSALS,
        reasons=(rule.reason,),
    )
