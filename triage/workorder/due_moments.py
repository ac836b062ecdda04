"""The other times of an order: end of the reject window, ruling, follow-up, reminders.

Nothing here closes anything: when a time passes, somebody is told. Deadlines stand in `deadlines`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.workorder.deadlines import Deadline
from triage.workorder.policy import Period, Policy, ReminderRule
from triage.workorder.stops import after_running, running
from triage.workorder.working_calendar import WorkingCalendar, aware


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder or supervision, and when it is to be sent (aware UTC)."""

    at: datetime
    rule: ReminderRule


def reject_until(
    period: Period, calendar: WorkingCalendar, dispatched_at: datetime, *, is_complex: bool
) -> datetime:
    """Return the end of the window for sending an order back.

    From that moment on a unit that has not done so counts as having accepted. Each dispatch opens
    a window of its own; ValueError for a naive time.
    """
    rule = period.reject
    days = rule.complex_working_days if is_complex else rule.working_days
    return calendar.end_after_working_days(dispatched_at, days)


def is_deemed_accepted(until: datetime, now: datetime) -> bool:
    """Say whether the window that ends at `until` has passed; ValueError for a naive time."""
    return aware(now) >= aware(until)


def may_designate(period: Period, dispatches: int) -> bool:
    """Say whether an order dispatched so often without an owner may be given to a unit outright."""
    return dispatches >= period.reject.designate_after


def ruling_due(period: Period, calendar: WorkingCalendar, objected_at: datetime) -> datetime:
    """Return when a dispute is to be ruled on; the order's own clock runs on meanwhile."""
    return calendar.end_after_working_days(objected_at, period.ruling.working_days)


def follow_up_due(period: Period, calendar: WorkingCalendar, replied_at: datetime) -> datetime:
    """Return when the requester is to be asked; an order does not close when that passes."""
    return calendar.end_after_working_days(replied_at, period.follow_up.working_days)


def emergency_ends(policy: Policy, declared_at: datetime) -> datetime:
    """Return when EMERGENCY mode ends by itself; ValueError for a naive time."""
    return aware(declared_at) + timedelta(hours=policy.queue.emergency_hours)


def reminders(period: Period, deadline: Deadline) -> tuple[Reminder, ...]:
    """Return all reminders of an order, in the order of their times; none while the clock stands.

    A share of the time left is of the time that the deciding clock runs, pauses left out.
    """
    moments = (Reminder(_moment(rule, deadline), rule) for rule in period.reminders)
    return tuple(sorted(moments, key=lambda one: (one.at, one.rule.code)))


def _moment(rule: ReminderRule, deadline: Deadline) -> datetime:
    if rule.share_left is None:
        return deadline.due_at + timedelta(hours=rule.overdue_hours or 0)
    whole = running(deadline.stops, deadline.counted_from, deadline.due_at)
    at = after_running(deadline.stops, deadline.counted_from, whole * (1 - rule.share_left))
    return next((until for since, until in deadline.stops if since <= at < until), at)
