"""Policy and calendar as the desk asks them: the deadline of an order, and what its unit may do.

The pure rules are `triage.workorder`'s; here they meet the order.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from triage.desk.guards import MoveRefused
from triage.desk.office import Due
from triage.workorder import due_moments
from triage.workorder.agenda import Task, next_task
from triage.workorder.clock import ClockFacts
from triage.workorder.deadlines import Deadline, deadline
from triage.workorder.moves import IncompleteMove
from triage.workorder.order import WorkOrder
from triage.workorder.policy import Period, Policy
from triage.workorder.working_calendar import WorkingCalendar, shanghai_day

UNJUDGED_LEVEL = 3


class PolicyClocks:
    """The clocks of one city."""

    def __init__(self, policy: Policy, calendar: WorkingCalendar) -> None:
        self.policy = policy
        self.calendar = calendar

    def deadline(self, order: WorkOrder) -> Deadline:
        """Return the deadline of an order as it stands, with what it rests on."""
        facts = ClockFacts(
            order.started_at,
            order.request_type,
            order.clock_urgency,
            order.mode,
            order.raises,
            order.pauses,
            order.extensions,
            order.closed_at,
        )
        return deadline(self.policy, self.calendar, facts)

    def due(self, order: WorkOrder) -> Due:
        """See `deadline`."""
        found = self.deadline(order)
        return Due(found.due_at, found.basis)

    def is_provisional(self, order: WorkOrder) -> bool:
        """Say whether a notice of holidays still to come may move the deadline of an open order.

        Where it does, the clerk moves it once the calendar knows the year.
        """
        if not order.is_open:
            return False
        first, last = shanghai_day(order.started_at), shanghai_day(order.due_at)
        return bool(self.calendar.unsettled(first, last)) and self.deadline(order).is_provisional

    @property
    def version(self) -> str:
        """Name the policy and the calendar."""
        return f"{self.policy.version} {self.calendar.version}"

    def task(self, order: WorkOrder) -> Task | None:
        """Return what is due next by itself; reminders are those of the period that decides."""
        if not order.is_open:
            return None
        found = self.deadline(order)
        return next_task(order, self.policy.on(found.policy_from), found)

    def first_due(self, started_at: datetime, *, mode: str) -> Due:
        """Return the deadline of an order nobody has judged yet."""
        facts = ClockFacts(started_at, "", UNJUDGED_LEVEL, mode)
        found = deadline(self.policy, self.calendar, facts)
        return Due(found.due_at, found.basis)

    def reject_until(self, order: WorkOrder, at: datetime) -> datetime:
        """Return until when a unit may reject an order dispatched to it at this time."""
        return due_moments.reject_until(
            self._period(order), self.calendar, at, is_complex=order.is_complex
        )

    def ruling_due(self, order: WorkOrder, at: datetime) -> datetime:
        """Return when a dispute opened at this time is to be ruled on."""
        return due_moments.ruling_due(self._period(order), self.calendar, at)

    def check_designation(self, order: WorkOrder) -> None:
        """Check that the hotline may designate a unit.

        Raises
        ------
        MoveRefused
            designation_too_early.
        """
        period = self._period(order)
        if not due_moments.may_designate(period, order.dispatches):
            raise MoveRefused(
                "designation_too_early",
                f"已派单 {order.dispatches} 次，满 {period.reject.designate_after} 次仍无承办单位"
                "才可指定承办：请改派或裁定",
                field="reason",
            )

    def emergency_ends(self, at: datetime) -> datetime:
        """Return when EMERGENCY mode, declared at this time, ends by itself."""
        return due_moments.emergency_ends(self.policy, at)

    def pause_reasons(self, at: datetime) -> Mapping[str, str]:
        """Return the codes for which the clock may stand at this time, with their names."""
        return {code: one.zh for code, one in self.policy.at(at).pauses.items()}

    def check_pause(self, order: WorkOrder, reason: str) -> None:
        """Check that the clock may stand for this reason.

        Raises
        ------
        IncompleteMove
            The reason is none of the policy's; the message names them.
        """
        known = self._period(order).pauses
        if reason not in known:
            codes = "、".join(f"{one.code}（{one.zh}）" for one in known.values())
            raise IncompleteMove("reason", f"挂起原因 {reason!r} 不在政策里；可用：{codes}")

    def check_extension(self, order: WorkOrder, working_days: int) -> str:
        """Check one more extension and return the role that approves.

        Raises
        ------
        MoveRefused
            extension_refused.
        """
        rule = self._period(order).extension
        refusal = rule.refusal(order.extensions, working_days)
        if refusal is not None:
            raise MoveRefused("extension_refused", refusal, field="working_days")
        return rule.approver

    def _period(self, order: WorkOrder) -> Period:
        return self.policy.at(order.started_at)
