"""What a simulation lives on: each order of a period with its unit, how long it took, when due.

From the ledger's orders, or from the simulated city. No text, no person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.simulate import CityPlan, LifeEvent, SimulatedRequest, simulate_city
from triage.simulate.handling import HANDLING_TIMES
from triage.store.scorecard_facts import Span, documents
from triage.workorder.order import WorkOrder
from triage.workorder.states import State

PHONE = "PHONE"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Case:
    """One order: hours since the period began, whose it is, hours it took and was to take.

    `took` is None while it is open; `due` counts from `at`. `unit` is "" where none held it.
    """

    id: str
    at: float
    unit: str
    took: float | None
    due: float
    by_phone: bool


def from_ledger(connection: Connection, span: Span) -> list[Case]:
    """Return the orders of a period that are no part of another, in the order of time.

    Raises
    ------
    StoreUnavailable
    """
    found = [
        _of_order(order, span.begins)
        for order in documents(connection, span)
        if order.state is not State.MERGED and not order.parts
    ]
    return sorted(found, key=lambda case: (case.at, case.id))


def from_city(plan: CityPlan) -> list[Case]:
    """Return the orders of a simulated city, in the order of time."""
    requests: Iterable[SimulatedRequest] = simulate_city(plan)
    found: list[Case] = []
    first: datetime | None = None
    for request in requests:
        received = datetime.fromisoformat(request.received_at)
        first = first or received.replace(hour=0, minute=0, second=0, microsecond=0)
        found.append(_of_request(request, received, first))
    return found


def _of_order(order: WorkOrder, begins: datetime) -> Case:
    took = None
    if order.replied_at is not None:
        took = max((order.replied_at - order.received_at) / _HOUR, 0.0)
    return Case(
        order.id,
        (order.received_at - begins) / _HOUR,
        order.lead,
        took,
        (order.due_at - order.received_at) / _HOUR,
        order.channel == PHONE,
    )


def _of_request(request: SimulatedRequest, received: datetime, first: datetime) -> Case:
    unit, replied = "", None
    for event in request.life:
        unit = str(event.body.get("unit", unit)) if event.kind != "suggest" else unit
        if event.kind == "reply":
            replied = replied or _at(event)
    due_days = HANDLING_TIMES[request.truth.request_type].due
    return Case(
        request.id,
        (received - first) / _HOUR,
        unit,
        None if replied is None else max((replied - received) / _HOUR, 0.0),
        due_days * 24 * 7 / 5,  # working days as calendar days
        request.channel == PHONE,
    )


def _at(event: LifeEvent) -> datetime:
    return datetime.fromisoformat(event.at)
