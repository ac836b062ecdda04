"""Which rows of the lesser tables have run out before a time: those that go whole.

What still works is never among them: a notice that waits, a delivery that is tried again, a job
that runs, a case that is open. How rows go is `expiry`; for how long they stay is `policy`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, func, select

from triage.store.alarm_tables import alarm
from triage.store.dispute_tables import dispute
from triage.store.disputes import OPEN
from triage.store.event_tables import event_member
from triage.store.job_tables import job
from triage.store.jobs import JobState
from triage.store.outbox import LetterState
from triage.store.outgoing_tables import delivery, outbox
from triage.store.policy import RecordClass
from triage.store.shadow_tables import shadow
from triage.store.tables import intake_key, ledger, reply_print, work_order
from triage.store.webhooks import DeliveryState
from triage.workorder.events import Kind


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table that have run out before a time."""

    table: Table
    before: Callable[[datetime], ColumnElement[bool]]

    def due(self, before: datetime) -> Select[*tuple[Any, ...]]:
        """Return the query of their primary keys."""
        return select(*self.table.primary_key.columns).where(self.before(before))


def ended_before(before: datetime) -> ColumnElement[bool]:
    """Say which orders were closed, or merged into another, before a time."""
    merged = select(func.max(ledger.c.at)).where(
        ledger.c.order_id == work_order.c.id, ledger.c.kind == Kind.MERGE.value
    )
    ended = func.coalesce(work_order.c.closed_at, merged.scalar_subquery())
    return and_(work_order.c.is_open.is_(False), ended < before)


def _notices(before: datetime) -> ColumnElement[bool]:
    ended = [one.value for one in LetterState if one is not LetterState.WAITING]
    return and_(outbox.c.state.in_(ended), outbox.c.next_at < before)


def _deliveries(before: datetime) -> ColumnElement[bool]:
    ended = (DeliveryState.DEAD.value, DeliveryState.DELIVERED.value)
    return and_(delivery.c.state.in_(ended), delivery.c.created_at < before)


def _jobs(before: datetime) -> ColumnElement[bool]:
    working = (JobState.QUEUED.value, JobState.RUNNING.value)
    return and_(job.c.state.not_in(working), job.c.finished_at < before)


def _disputes(before: datetime) -> ColumnElement[bool]:
    orders = select(work_order.c.id).where(ended_before(before))
    return and_(dispute.c.state != OPEN, dispute.c.order_id.in_(orders))


def _event_members(before: datetime) -> ColumnElement[bool]:
    return event_member.c.order_id.in_(select(work_order.c.id).where(ended_before(before)))


WHOLE_ROWS: Mapping[RecordClass, Rows] = {
    RecordClass.INTAKE_KEYS: Rows(intake_key, lambda before: intake_key.c.at < before),
    RecordClass.NOTICES: Rows(outbox, _notices),
    RecordClass.DELIVERIES: Rows(delivery, _deliveries),
    RecordClass.SHADOW_PREDICTIONS: Rows(shadow, lambda before: shadow.c.at < before),
    RecordClass.JOBS: Rows(job, _jobs),
    RecordClass.REPLY_PRINTS: Rows(reply_print, lambda before: reply_print.c.at < before),
    RecordClass.ALARMS: Rows(alarm, lambda before: alarm.c.closed_at < before),
    RecordClass.DISPUTES: Rows(dispute, _disputes),
    RecordClass.EVENT_GROUPS: Rows(event_member, _event_members),
}
"""The classes whose records are rows that go whole."""
