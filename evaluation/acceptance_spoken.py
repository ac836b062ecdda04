"""Hand-offs and refusals on the held-out spoken requests, by labelled urgency.

These requests were never read by those who wrote the rules, so the figures are honest where those
of the frozen cases no longer are. The report holds counts only.
"""

from __future__ import annotations

from pathlib import Path

from evaluation.truth import read_examples
from triage.request import Json
from triage.steps.acceptance import EMERGENCY, REFUSALS, decide

LEVELS = range(5)


def spoken_report(path: Path) -> dict[str, Json]:
    """Return how many requests of each level were handed over, and how many were refused.

    `recall` is over level 0; `precision` counts level 0 as right, `precision_0_1` levels 0 and 1:
    a level-1 danger that is handed over costs a call, not a life.
    """
    examples = [example for example in read_examples([path]) if example.urgency is not None]
    decisions = [decide(e.text, title=e.title).acceptance.decision for e in examples]
    handed = [e.urgency for e, d in zip(examples, decisions, strict=True) if d == EMERGENCY]
    by_level = {str(level): handed.count(level) for level in LEVELS}
    emergencies = sum(example.urgency == 0 for example in examples)
    return {
        "n": len(examples),
        "emergencies": emergencies,
        "handed_over": len(handed),
        "handed_over_by_level": dict(by_level),
        "recall": round(by_level["0"] / emergencies, 4) if emergencies else None,
        "precision": round(by_level["0"] / len(handed), 4) if handed else None,
        "precision_0_1": round((by_level["0"] + by_level["1"]) / len(handed), 4)
        if handed
        else None,
        "refused": sum(decision in REFUSALS for decision in decisions),
    }
