"""What is next to be done about an order by itself, and when: a pure function of the order.

The clerk (`triage.desk.clerk`) does it. Nothing here closes an order that a person has not asked
about; a deed that is done is no longer on the agenda of the order it has changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.workorder.deadlines import Deadline
from triage.workorder.due_moments import reminders
from triage.workorder.order import WorkOrder
from triage.workorder.policy import Period, ReminderRule
from triage.workorder.states import AT_UNIT, State

GOOD_OUTCOMES = frozenset({"SATISFIED", "NEUTRAL"})
"""Outcomes of a follow-up after which an order closes by itself."""
_ANSWERED = frozenset({State.REPLIED, State.FOLLOWED_UP})
"""Nobody is to be reminded of these: the unit has done its part."""


class What(StrEnum):
    """What may be due, in the order in which it is done at one moment."""

    DEEMED_ACCEPTED = "DEEMED_ACCEPTED"
    RESUME = "RESUME"
    REMIND = "REMIND"
    CLOSE = "CLOSE"


@dataclass(frozen=True, slots=True)
class Task:
    """One deed and when it is due (aware UTC); `rule` is the policy's, for a reminder."""

    at: datetime
    what: What
    rule: ReminderRule | None = None


def next_task(order: WorkOrder, period: Period, due: Deadline) -> Task | None:
    """Return what is due next; None where nothing will be until a person does something.

    Parameters
    ----------
    order
        As it stands.
    period
        Whose reminders hold for it.
    due
        Its deadline, with the stops of its clock.
    """
    if not order.is_open:
        return None
    return min(_tasks(order, period, due), key=lambda task: task.at, default=None)


def _tasks(order: WorkOrder, period: Period, due: Deadline) -> Iterator[Task]:
    if order.state in AT_UNIT and not order.deemed_accepted and order.reject_until is not None:
        yield Task(order.reject_until, What.DEEMED_ACCEPTED)
    if order.state is State.PAUSED and due.stops:
        yield Task(due.stops[-1][1], What.RESUME)
    if order.state not in _ANSWERED:
        for one in reminders(period, due):
            if one.rule.code not in order.reminded:
                yield Task(one.at, What.REMIND, one.rule)
    if order.state is State.FOLLOWED_UP and order.outcome in GOOD_OUTCOMES:
        yield Task(order.state_since, What.CLOSE)
