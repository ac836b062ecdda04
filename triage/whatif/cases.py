"""What a simulation lives on: each order of a period with its unit, how long it took, when due.

From the ledger's orders, or from the simulated city; and the days before, which say how units work
and what lies on their desks when the period begins. No text, no person.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from triage.simulate import CityPlan, LifeEvent, SimulatedRequest, simulate_city
from triage.simulate.handling import HANDLING_TIMES
from triage.store.scorecard_facts import Span, documents
from triage.trends.day_kinds import Calendar
from triage.workorder.order import WorkOrder
from triage.workorder.states import State
from triage.workorder.working_calendar import start_of_day

PHONE = "PHONE"
_HOUR = timedelta(hours=1)
_ANSWERED = (State.REPLIED, State.FOLLOWED_UP, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Case:
    """One request: hours since the period began, whose it is, hours it took and was to take.

    `at` is negative before the period. `took` is None while it is open; `due` counts from `at`.
    `unit` is "" where none held it. A call merged into another order `is_order` no more, nor is one
    that was split; a part of a split order is no call.
    """

    id: str
    at: float
    unit: str
    took: float | None
    due: float
    by_phone: bool
    is_order: bool = True


@dataclass(frozen=True, slots=True)
class Period:
    """How long, up to when what became of its orders is known, and which of its days are of rest.

    Hours from its beginning; `rest_days` count from 0, negative ones lie before it.
    """

    hours: float
    known: float = math.inf
    rest_days: frozenset[int] = frozenset()

    def is_rest(self, at: float) -> bool:
        """Say whether an hour lies on a day of rest."""
        return math.floor(at / 24) in self.rest_days


def period_of(span: Span, *, history: int, calendar: Calendar, now: datetime) -> Period:
    """Return the period of a span of which `history` days before are looked at too."""
    days = (span.last - span.first).days + 1
    rest = _rest_days(span.first, -history, days, calendar)
    return Period(days * 24.0, (now - span.begins) / _HOUR, rest)


def from_ledger(
    connection: Connection, span: Span, *, history: int, phone: Collection[str] = (PHONE,)
) -> list[Case]:
    """Return the requests of a period and of `history` days before it, in the order of time.

    Parameters
    ----------
    phone : what channels of calls are called: orders keep the word that they came with

    Raises
    ------
    StoreUnavailable
    """
    wider = replace(span, first=span.first - timedelta(days=history))
    found = [_of_order(order, span.begins, phone) for order in documents(connection, wider)]
    return sorted(found, key=lambda case: (case.at, case.id))


def from_city(plan: CityPlan, *, history: int, calendar: Calendar) -> tuple[list[Case], Period]:
    """Return the requests of a simulated city, of which the first `history` days lie before."""
    requests: Iterable[SimulatedRequest] = simulate_city(plan)
    first = plan.start + timedelta(days=history)
    begins = start_of_day(first)
    days = plan.days - history
    cases = [_of_request(request, begins) for request in requests]
    return cases, Period(days * 24.0, math.inf, _rest_days(first, -history, days, calendar))


def as_known(cases: Sequence[Case], at: float) -> list[Case]:
    """Return the cases as somebody at that hour knew them: what was answered later was open."""
    return [
        case if case.took is None or case.at + case.took <= at else replace(case, took=None)
        for case in cases
        if case.at < at
    ]


def _rest_days(first: date, begin: int, end: int, calendar: Calendar) -> frozenset[int]:
    days = range(begin, end)
    return frozenset(n for n in days if not calendar.is_working_day(first + timedelta(days=n)))


def _of_order(order: WorkOrder, begins: datetime, phone: Collection[str]) -> Case:
    took = None
    if order.state in _ANSWERED:
        took = max(((order.replied_at or order.state_since) - order.received_at) / _HOUR, 0.0)
    return Case(
        order.id,
        (order.received_at - begins) / _HOUR,
        order.lead,
        took,
        (order.due_at - order.received_at) / _HOUR,
        order.channel in phone and not order.part_of,
        order.state is not State.MERGED and not order.parts,
    )


def _of_request(request: SimulatedRequest, begins: datetime) -> Case:
    received = datetime.fromisoformat(request.received_at)
    unit, replied = "", None
    for event in request.life:
        unit = str(event.body.get("unit", unit)) if event.kind != "suggest" else unit
        if event.kind == "reply":
            replied = replied or _at(event)
    due_days = HANDLING_TIMES[request.truth.request_type].due
    return Case(
        request.id,
        (received - begins) / _HOUR,
        unit,
        None if replied is None else max((replied - received) / _HOUR, 0.0),
        due_days * 24 * 7 / 5,  # working days as calendar days
        request.channel == PHONE,
    )


def _at(event: LifeEvent) -> datetime:
    return datetime.fromisoformat(event.at)
