"""A case of dispute opens with the objection and closes with the ruling, in the move's transaction.

Whoever makes the move: the dispute desk, or anybody through the ordinary transition.
"""

from __future__ import annotations

from sqlalchemy import Connection

from triage.desk.office import Office
from triage.store.disputes import OPEN, Case, Ruling, add_case, close_case
from triage.store.ledger import events_of
from triage.workorder.disputes import grounds_of
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder

RULINGS = frozenset({Kind.ADJUDICATE, Kind.DESIGNATE})
_LONGEST_OBJECT = 64


def keep_case(office: Office, connection: Connection, order: WorkOrder, event: Event) -> None:
    """Open or close the case of an order that an event moved; other events leave it alone."""
    if event.kind is Kind.OBJECT:
        add_case(connection, _opened(office, connection, order, event))
    elif event.kind in RULINGS:
        close_case(connection, order.id, _ruling(order, event))


def interim_lead(order: WorkOrder) -> str:
    """Return who leads until a ruling: the first receiver (首接负责), never an accused unit."""
    return "" if order.first_receiver in order.accused else order.first_receiver


def _opened(office: Office, connection: Connection, order: WorkOrder, event: Event) -> Case:
    events = [entry.event for entry in events_of(connection, order.id)]
    grounds = grounds_of(events, order.accused)
    return Case(
        order_id=order.id,
        number=1,
        state=OPEN,
        opened_at=event.at,
        opened_by=event.actor,
        ruling_due=office.clocks.ruling_due(order, event.at),
        topic=order.topic,
        region=order.region,
        object=grounds.object[:_LONGEST_OBJECT],
        parties=tuple(dict.fromkeys(one.unit for one in grounds.rejections if one.unit)),
        interim_lead=interim_lead(order),
    )


def _ruling(order: WorkOrder, event: Event) -> Ruling:
    basis = str(event.body.get("basis") or "")
    return Ruling(event.kind.value, order.lead, order.support, basis, event.actor, event.at)
