"""Move an order: the table says whether, the guards say what never, policy says until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk.actor import Actor, NotAllowed, check_reach
from triage.desk.cases import keep_case
from triage.desk.guards import (
    DISPATCHING,
    check_reject,
    check_support,
    check_unit,
)
from triage.desk.merging import merge, unmerge
from triage.desk.office import Office
from triage.desk.replying import CONFIRMED, doubts_of
from triage.desk.spawning import check_parts, reopened
from triage.request import Json
from triage.store.orders import claim, find, record
from triage.text.mask import mask
from triage.workorder.events import Event, Kind
from triage.workorder.moves import Move, move_table
from triage.workorder.order import WorkOrder
from triage.workorder.projection import apply
from triage.workorder.states import State

DISSATISFIED = "DISSATISFIED"
"""A follow-up that opens the order again, as a child, when it is closed."""
_RECLOCKED = DISPATCHING | {Kind.RESUME, Kind.REDO}
"""After these the deadline is worked out again; it still counts from the beginning."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A move as asked for; `version` is what the caller saw, None skips that check."""

    to: str
    unit: str = ""
    reason: str = ""
    basis: str = ""
    note: str = ""
    into: str = ""
    support: tuple[str, ...] | None = None
    version: int | None = None

    def fields(self) -> dict[str, str | None]:
        """Return what a move may need, by name."""
        names = ("unit", "reason", "basis", "note", "into")
        return {name: getattr(self, name) or None for name in names}


def move(office: Office, order_id: str, wish: Wish, actor: Actor) -> WorkOrder:
    """Make one move; durable when this returns.

    Raises
    ------
    UnknownOrder, StaleOrder, IllegalMove, IncompleteMove, MoveRefused, NotAllowed
        What stands against it; nothing has changed.
    StoreUnavailable
        Nothing was written.
    """
    with office.database.write() as connection:
        return move_within(office, connection, order_id, wish, actor)


def move_within(
    office: Office, connection: Connection, order_id: str, wish: Wish, actor: Actor
) -> WorkOrder:
    """Make one move within the caller's transaction; see `move`."""
    order = claim(connection, order_id, wish.version)
    check_reach(order, actor)
    found = move_table().find(order.state, wish.to, wish.reason or None)
    check_role(found, actor)
    check_lead(order, found, actor)
    found.check(wish.fields())
    now = office.now()
    _guard(office, order, found, wish, now)
    if found.kind is Kind.MERGE:
        return merge(office, connection, order, wish.into, actor)
    if found.kind is Kind.UNMERGE:
        return unmerge(office, connection, order, wish.reason, actor.id)
    if found.kind in (Kind.REPLY, Kind.CLOSE):
        check_parts(connection, order)
    body = _body(office, order, found, wish)
    if found.kind is Kind.REPLY:
        doubts = doubts_of(connection, order, wish.note, now)
        body["flags"] = [] if wish.reason == CONFIRMED else [one.code for one in doubts]
    if wish.reason == DISSATISFIED and order.reply_flags:
        body["doubts"] = [*order.reply_flags]  # who is not content may well share them
    events = [Event(order.id, found.kind, now, actor.id, body)]
    events += reclocked(office, order, events[0])
    moved = record(connection, order, events, office.books)
    keep_case(office, connection, moved, events[0])
    if moved.state is State.CLOSED and moved.outcome == DISSATISFIED:
        reopened(office, connection, moved, "回访不满意", actor)
        return find(connection, order.id)
    return moved


def check_role(found: Move, actor: Actor) -> None:
    """Check that the caller's role may make a move.

    Raises
    ------
    NotAllowed
    """
    if not (actor.is_administrator or actor.roles & found.by):
        raise NotAllowed(f"{found.name}只能由这些角色操作：{'、'.join(sorted(found.by))}")


def check_lead(order: WorkOrder, found: Move, actor: Actor) -> None:
    """Check that a unit moves what it leads: who supports may look, not act.

    Raises
    ------
    NotAllowed
    """
    if "handler" in found.by and actor.units and order.lead not in actor.units:
        raise NotAllowed(f"{found.name}由主办单位操作；协办单位请与主办单位联系")


def _guard(office: Office, order: WorkOrder, found: Move, wish: Wish, now: datetime) -> None:
    if found.kind in DISPATCHING:
        check_unit(order, wish.unit, office.units)
        for unit in wish.support or ():
            check_support(order, unit, office.units)
    if found.kind is Kind.REJECT:
        check_reject(order, now)
    if found.kind is Kind.DESIGNATE:
        office.clocks.check_designation(order)
    if found.kind is Kind.PAUSE:
        office.clocks.check_pause(order, wish.reason)


def _body(office: Office, order: WorkOrder, found: Move, wish: Wish) -> dict[str, Json]:
    given = {name: value for name, value in wish.fields().items() if value}
    body: dict[str, Json] = {
        name: mask(value).text if name in ("note", "basis", "reason") else value
        for name, value in given.items()
    }
    body["from"] = order.state.value
    if found.kind in DISPATCHING:
        holder = office.holder_of(wish.unit, order)
        body |= {"body": holder.name, "region": holder.region, "level": holder.level}
        body["topic"] = order.topic  # what it was sent for: reject rates are learned by topic
        if wish.support is not None:
            body["support"] = list(wish.support)
        until = office.clocks.reject_until(order, office.now())
        body["reject_until"] = until.isoformat()
    return body


def reclocked(office: Office, order: WorkOrder, event: Event) -> list[Event]:
    """Return the deadline as it is after an event of a locked order, where it moved."""
    if event.kind not in _RECLOCKED:
        return []
    moved = apply(order, event)
    due = office.clocks.due(moved)
    if (due.at, due.kind) == (order.due_at, order.due_kind):
        return []
    body: dict[str, Json] = {"due_at": due.at.isoformat(), "due_kind": due.kind}
    return [Event(order.id, Kind.DEADLINE, event.at, "system", body)]
