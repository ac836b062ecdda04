"""The dispute desk: cases in the order of their due rulings, one case in full, and the ruling.

A ruling is an ordinary move (OBJECTED → DISPATCHED) made together with its rule, or not at all.
How a case looks as JSON stands in `dispute_view`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import Connection

from triage.desk.actor import Actor, check_reach
from triage.desk.cursors import packed, unpacked
from triage.desk.guards import MoveRefused
from triage.desk.moves import Wish, move_within
from triage.desk.office import Office
from triage.desk.routing import RuleDraft, add_rule
from triage.store.disputes import (
    OPEN,
    RULED,
    Case,
    CaseFilter,
    CaseKey,
    cases,
    latest_case,
    name_rule,
)
from triage.store.instant import microseconds, moment
from triage.store.ledger import events_of
from triage.store.orders import claim, find, find_all
from triage.store.precedents import precedents
from triage.workorder.disputes import (
    Grounds,
    Precedent,
    RankedPrecedent,
    grounds_of,
    rank_precedents,
)
from triage.workorder.order import WorkOrder
from triage.workorder.routing_rules import RoutingRule, Scope
from triage.workorder.states import State

EXPIRED = "expired"
"""Open, and its ruling overdue: not stored, the clock says it."""
STATES = (OPEN, EXPIRED, RULED)
DESIGNATED = "DESIGNATED"
DEFAULT_LIMIT, MOST = 50, 200


@dataclass(frozen=True, slots=True)
class Decision:
    """A ruling as asked for. `becomes_rule` is the scope and last day of the rule, if any."""

    unit: str
    basis: str
    support: tuple[str, ...] | None = None
    designate: bool = False
    becomes_rule: tuple[Scope, date] | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A case in full; `state` is one of STATES, `conflicts` contradict the rule just made."""

    case: Case
    state: str
    order: WorkOrder
    grounds: Grounds = field(default_factory=Grounds)
    precedents: tuple[RankedPrecedent, ...] = ()
    conflicts: tuple[RoutingRule, ...] = ()


@dataclass(frozen=True, slots=True)
class DisputePage:
    """One page of cases; `next_cursor` is None on the last."""

    items: tuple[Dispute, ...]
    next_cursor: str | None


def dispute_page(
    office: Office, state: str, actor: Actor, *, cursor: str | None, limit: int
) -> DisputePage:
    """Return cases within the caller's reach, those due first first.

    Raises
    ------
    MoveRefused
        dispute_state_unknown, cursor_invalid.
    StoreUnavailable
    """
    now = office.now()
    wanted = _filter(state, now)
    after = unpacked(cursor, _case_key) if cursor else None
    found: list[Dispute] = []
    with office.database.read() as connection:
        for case, order in _walk(connection, wanted, after, limit + 1):
            if actor.reaches(order):
                found.append(Dispute(case, _state(case, now), order))
            if len(found) > limit:
                break
    more = _packed(found[limit - 1].case) if len(found) > limit else None
    return DisputePage(tuple(found[:limit]), more)


def dispute_of(office: Office, order_id: str, actor: Actor) -> Dispute:
    """Return the last case of an order, with what a ruling can rest on.

    Raises
    ------
    UnknownOrder, UnknownDispute, NotAllowed, StoreUnavailable
    """
    with office.database.read() as connection:
        order = find(connection, order_id)
        check_reach(order, actor)
        return dispute_within(connection, order, office.now(), actor)


def rule_on(office: Office, order_id: str, decision: Decision, actor: Actor) -> Dispute:
    """Rule on an open case: the order is sent to the unit, and the rule made where one is wanted.

    Raises
    ------
    UnknownOrder, UnknownDispute, StaleOrder, IncompleteMove, MoveRefused, NotAllowed, RuleRefused
        What stands against it; nothing has changed. MoveRefused: dispute_closed, and the guards.
    StoreUnavailable
    """
    with office.database.write() as connection:
        before = claim(connection, order_id, decision.version)
        check_reach(before, actor)
        case = latest_case(connection, order_id)
        if case.state != OPEN:
            raise MoveRefused(
                "dispute_closed",
                f"工单 {order_id} 的异议已由 {case.ruled_by} 裁定给 {case.unit}："
                "再有异议请先退单再提交会商",
            )
        order = move_within(office, connection, order_id, _wish(decision), actor)
        now, conflicts = office.now(), tuple[RoutingRule, ...]()
        if decision.becomes_rule is not None:
            scope, last_day = decision.becomes_rule
            draft = RuleDraft(
                decision.unit, scope, last_day, decision.basis, decision.support or (), order_id
            )
            rule, conflicts = add_rule(connection, draft, office.codes, now=now, actor=actor)
            name_rule(connection, case, rule.id)
        found = dispute_within(connection, order, now, actor)
        return replace(found, conflicts=conflicts)


def _wish(decision: Decision) -> Wish:
    return Wish(
        State.DISPATCHED,
        unit=decision.unit,
        basis=decision.basis,
        reason=DESIGNATED if decision.designate else "",
        support=decision.support,
    )


def dispute_within(
    connection: Connection, order: WorkOrder, now: datetime, actor: Actor
) -> Dispute:
    """Return the last case of an order in full, within the caller's transaction.

    Raises
    ------
    UnknownDispute
    """
    case = latest_case(connection, order.id)
    events = [entry.event for entry in events_of(connection, order.id)]
    likely = rank_precedents(
        _shown(connection, precedents(connection, case.topic, but=order.id), actor),
        region=case.region,
        object_=case.object,
        parties=case.parties,
    )
    return Dispute(case, _state(case, now), order, grounds_of(events, order.accused), likely)


def _shown(connection: Connection, found: list[Precedent], actor: Actor) -> list[Precedent]:
    """Return the precedents that the caller may read: none of a report or out of reach."""
    orders = find_all(connection, [one.order_id for one in found if one.order_id])
    return [
        one
        for one in found
        if not one.order_id
        or (actor.reaches(orders[one.order_id]) and not orders[one.order_id].is_report)
    ]


def _state(case: Case, now: datetime) -> str:
    return EXPIRED if case.state == OPEN and now >= case.ruling_due else case.state


def _filter(state: str, now: datetime) -> CaseFilter:
    if state == OPEN:
        return CaseFilter(OPEN, due_after=now)
    if state == EXPIRED:
        return CaseFilter(OPEN, due_by=now)
    if state in ("", RULED):
        return CaseFilter(state)
    raise MoveRefused(
        "dispute_state_unknown",
        f"state={state!r:.80} 不存在：可用 {'、'.join(STATES)}",
        field="state",
    )


def _walk(
    connection: Connection, wanted: CaseFilter, after: CaseKey | None, batch: int
) -> Iterator[tuple[Case, WorkOrder]]:
    """Give cases with their orders: not every one is within reach, so more than one batch."""
    while True:
        found = cases(connection, wanted, after=after, limit=batch)
        orders = find_all(connection, [case.order_id for case in found])
        yield from ((case, orders[case.order_id]) for case in found)
        if len(found) < batch:
            return
        after = _key(found[-1])


def _key(case: Case) -> CaseKey:
    return CaseKey(case.ruling_due, case.order_id, case.number)


def _packed(case: Case) -> str:
    return packed(microseconds(case.ruling_due), case.order_id, case.number)


def _case_key(due: int, order_id: str, number: int) -> CaseKey:
    return CaseKey(moment(int(due)), str(order_id), int(number))
