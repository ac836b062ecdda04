"""The deeds of the clerk: the events that each task on the agenda leads to. They write nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection

from triage.desk.actor import SYSTEM
from triage.desk.moves import check_role, reclocked
from triage.desk.office import Office
from triage.desk.spawning import check_parts
from triage.request import Json
from triage.workorder.agenda import Task, What
from triage.workorder.events import Event, Kind
from triage.workorder.moves import move_table
from triage.workorder.order import WorkOrder
from triage.workorder.policy import ReminderKind
from triage.workorder.states import State

Deed: TypeAlias = Callable[[Office, Connection, WorkOrder, Task, datetime], list[Event]]
PAUSE_OVER, GOOD_FOLLOW_UP = "PAUSE_OVER", "GOOD_FOLLOW_UP"
_KINDS = {ReminderKind.REMIND: Kind.REMIND, ReminderKind.SUPERVISE: Kind.SUPERVISE}


def _deemed_accepted(
    office: Office, connection: Connection, order: WorkOrder, task: Task, now: datetime
) -> list[Event]:
    body: dict[str, Json] = {"unit": order.lead, "reject_until": task.at.isoformat()}
    return [Event(order.id, Kind.DEEMED_ACCEPTED, now, SYSTEM.id, body)]


def _resume(
    office: Office, connection: Connection, order: WorkOrder, task: Task, now: datetime
) -> list[Event]:
    event = _move(order, State.HANDLING, PAUSE_OVER, now)
    return [event, *reclocked(office, order, event)]


def _remind(
    office: Office, connection: Connection, order: WorkOrder, task: Task, now: datetime
) -> list[Event]:
    rule = task.rule
    if rule is None:
        raise ValueError(f"order {order.id}: a reminder without a rule")
    body: dict[str, Json] = {"code": rule.code, "note": rule.zh, "to": list(rule.to)}
    return [Event(order.id, _KINDS[rule.kind], now, SYSTEM.id, body)]


def _close(
    office: Office, connection: Connection, order: WorkOrder, task: Task, now: datetime
) -> list[Event]:
    check_parts(connection, order)
    return [_move(order, State.CLOSED, GOOD_FOLLOW_UP, now)]


def _move(order: WorkOrder, to: State, reason: str, now: datetime) -> Event:
    found = move_table().find(order.state, to)
    check_role(found, SYSTEM)
    body: dict[str, Json] = {"reason": reason, "from": order.state.value}
    return Event(order.id, found.kind, now, SYSTEM.id, body)


DEEDS: Mapping[What, Deed] = {
    What.DEEMED_ACCEPTED: _deemed_accepted,
    What.RESUME: _resume,
    What.REMIND: _remind,
    What.CLOSE: _close,
}
