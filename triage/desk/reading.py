"""Read orders: within the caller's reach, as a value or as the events behind it."""

from __future__ import annotations

from triage.desk.actor import Actor, check_reach
from triage.desk.office import Office
from triage.store.ledger import Entry, events_of
from triage.store.orders import find
from triage.workorder.order import WorkOrder


def order_of(office: Office, order_id: str, actor: Actor) -> WorkOrder:
    """Return an order as it stands.

    Raises
    ------
    UnknownOrder, NotAllowed, StoreUnavailable
    """
    with office.database.read() as connection:
        order = find(connection, order_id)
    check_reach(order, actor)
    return order


def timeline_of(office: Office, order_id: str, actor: Actor) -> list[Entry]:
    """Return an order's events, oldest first.

    Raises
    ------
    UnknownOrder, NotAllowed, StoreUnavailable
    """
    with office.database.read() as connection:
        check_reach(find(connection, order_id), actor)
        return events_of(connection, order_id)
