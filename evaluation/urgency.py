"""Figures of the urgency decision: finding the urgent ones matters more than being right on all.

Levels are 0 (立即转警) to 4 (低). Urgent is 0–2; an alarm is 0–1, which interrupts people, so false
ones are counted apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluation.measured import LEVEL, Measured
from evaluation.metrics import Flags, quadratic_kappa, recall_and_precision, recall_at_precision
from evaluation.rounding import rounded
from triage.request import Json

LEVELS = 5
URGENT = 3
"""Levels below it are urgent."""
ALARM = 2
"""Levels below it are alarms."""
PRECISIONS = (0.75, 0.60)


def urgency_figures(decision: Measured) -> dict[str, Json]:
    """Return kappa, recall and precision of the urgent levels, alarms; None where undefined.

    A distribution over levels has `urgent_recall_at_precision_*` too: the recall that some
    threshold on the summed probability of the urgent levels would reach.
    """
    truth, guess = true_levels(decision), answered_levels(decision)
    urgent, named = truth < URGENT, guess < URGENT
    recall, precision = recall_and_precision(urgent, named)
    alarm_recall, alarm_precision = recall_and_precision(truth < ALARM, guess < ALARM)
    return {
        "quadratic_kappa": rounded(quadratic_kappa(truth, guess, LEVELS)),
        "urgent": int(urgent.sum()),
        "urgent_recall": rounded(recall),
        "urgent_precision": rounded(precision),
        **_reachable(decision, urgent),
        "alarm_recall": rounded(alarm_recall),
        "alarm_precision": rounded(alarm_precision),
        "alarms": int((guess < ALARM).sum()),
        "false_alarms": int(((guess < ALARM) & (truth >= ALARM)).sum()),
        "false_alarms_on_calm": int(((guess < ALARM) & (truth >= URGENT)).sum()),
    }


def _reachable(decision: Measured, urgent: Flags) -> dict[str, Json]:
    if decision.kind == LEVEL:
        return {}
    levels = np.array([int(label) for label in decision.labels])
    score = decision.probabilities[:, levels < URGENT].sum(axis=1)
    return {
        f"urgent_recall_at_precision_{precision:.2f}": rounded(
            recall_at_precision(urgent, score, precision)
        )
        for precision in PRECISIONS
    }


def true_levels(decision: Measured) -> NDArray[np.int64]:
    """Return the labelled level of each row, int64 (n,) in 0 … 4."""
    return np.array([int(row[0]) for row in decision.truth], np.int64)


def answered_levels(decision: Measured) -> NDArray[np.int64]:
    """Return the answered level of each row, int64 (n,) in 0 … 4."""
    return np.array([int(label) for label in decision.labels], np.int64)[decision.guess_index()]
