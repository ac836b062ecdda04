"""Orders that come of an order: a child when it is reopened, parts when it holds several matters.

A child takes the judgement over and starts a clock of its own; it is read with its parent's
originals, which are sealed once. An order with parts ends after all of them (联合办结).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection

from triage.desk.actor import Actor, check_reach
from triage.desk.guards import MoveRefused, check_support, check_unit
from triage.desk.mode import mode_at
from triage.desk.office import Office
from triage.desk.once import Sent, once
from triage.request import Json
from triage.store.orders import claim, find_all, record
from triage.text.mask import mask
from triage.workorder.events import Event, Kind
from triage.workorder.numbers import new_order_id, new_query_code
from triage.workorder.order import WorkOrder
from triage.workorder.projection import fold
from triage.workorder.states import State

REOPENED, PART = "reopened", "part"
MOST_PARTS = 10


@dataclass(frozen=True, slots=True)
class PartWish:
    """One matter of an order: what it is about, who leads and supports; "" keeps the order's."""

    text: str
    topic: str = ""
    lead: str = ""
    support: tuple[str, ...] = ()
    urgency: int | None = None


def reopen(office: Office, order_id: str, *, reason: str, actor: Actor) -> WorkOrder:
    """Open a closed order again as a child of it; return the child.

    Raises
    ------
    UnknownOrder, NotAllowed
    MoveRefused
        not_closed, already_reopened.
    """
    with office.database.write() as connection:
        order = claim(connection, order_id, None)
        check_reach(order, actor)
        if order.state is not State.CLOSED:
            raise MoveRefused("not_closed", f"工单现为 {order.state}：办结之后才能重开")
        going_on = [one.id for one in find_all(connection, order.children).values() if one.is_open]
        if going_on:
            raise MoveRefused("already_reopened", f"已经重开，正在办理：{going_on[0]}")
        return reopened(office, connection, order, reason, actor)


def reopened(
    office: Office, connection: Connection, order: WorkOrder, reason: str, actor: Actor
) -> WorkOrder:
    """Make the child within the caller's transaction."""
    judged = _judgement(order) | {"urgency": order.urgency}
    child = _spawn(office, connection, order, REOPENED, order.text, judged, actor)
    body: dict[str, Json] = {"order": child.id, "reason": mask(reason).text}
    event = Event(order.id, Kind.REOPEN, office.now(), actor.id, body)
    record(connection, order, [event], office.books)
    return child


def split(
    office: Office,
    order_id: str,
    parts: Sequence[PartWish],
    *,
    version: int | None,
    actor: Actor,
    key: str = "",
) -> list[WorkOrder]:
    """Split an order into its matters, each an order of its own; return them.

    `key` is the caller's name for the deed: sent again under it, nothing is split twice.

    Raises
    ------
    UnknownOrder, StaleOrder, NotAllowed, KeyReused
    MoveRefused
        split_number, already_split, order_ended, unit_unknown, unit_accused, unit_lacks_power.
    """
    if not 2 <= len(parts) <= MOST_PARTS:
        raise MoveRefused(
            "split_number", f"拆分为 {len(parts)} 件：应为 2 到 {MOST_PARTS} 件", field="parts"
        )

    def deed(connection: Connection) -> list[WorkOrder]:
        return _split(office, connection, claim(connection, order_id, version), parts, actor)

    each: list[Json] = [asdict(part) | {"support": list(part.support)} for part in parts]
    asked: dict[str, Json] = {"deed": "split", "parts": each, "version": version}
    return once(office, Sent(actor, key, order_id, asked), deed)


def _split(
    office: Office,
    connection: Connection,
    order: WorkOrder,
    parts: Sequence[PartWish],
    actor: Actor,
) -> list[WorkOrder]:
    check_reach(order, actor)
    if order.parts:
        raise MoveRefused("already_split", f"已经拆分过：{'、'.join(order.parts)}")
    if not order.is_open or order.part_of:
        raise MoveRefused("order_ended", f"工单 {order.id} 已结束，或本身就是拆分出来的一件")
    made = []
    for part in parts:
        _check_part(office, order, part)
        text = mask(part.text).text or order.text
        made.append(_spawn(office, connection, order, PART, text, _of_part(order, part), actor))
    body: dict[str, Json] = {"parts": [one.id for one in made]}
    event = Event(order.id, Kind.SPLIT, office.now(), actor.id, body)
    record(connection, order, [event], office.books)
    return made


def _check_part(office: Office, order: WorkOrder, part: PartWish) -> None:
    apart = replace(order, power="") if part.topic not in ("", order.topic) else order
    if part.lead:
        check_unit(apart, part.lead, office.units)
    for unit in part.support:
        check_support(order, unit, office.units)


def check_parts(connection: Connection, order: WorkOrder) -> None:
    """Check that all parts of an order have ended, so that it may.

    Raises
    ------
    MoveRefused
        parts_open.
    """
    parts = find_all(connection, order.parts)
    still = [one.id for one in parts.values() if one.is_open]
    if still:
        raise MoveRefused("parts_open", f"还有 {len(still)} 件没有办结：{'、'.join(still)}")


def _spawn(
    office: Office,
    connection: Connection,
    order: WorkOrder,
    origin: str,
    text: str,
    judged: dict[str, Json],
    actor: Actor,
) -> WorkOrder:
    now = office.now()
    mode = mode_at(connection, now).name
    first = office.clocks.first_due(now, mode=mode)
    new_id = new_order_id(now)
    intake: dict[str, Json] = {
        "query_code": new_query_code(),
        "received_at": now.isoformat(),
        "due_at": first.at.isoformat(),
        "due_kind": first.kind,
        "channel": order.channel,
        "source": order.source,
        "origin": origin,
        "title": order.title,
        "text": text,
        "district": order.district,
        "township": order.township,
        "requester": order.requester,
        "phone_tail": "",
        "mode": mode,
        "parent_id": order.id if origin == REOPENED else "",
        "part_of": order.id if origin == PART else "",
        "repeats": order.repeats + (origin == REOPENED),
    }
    events = [Event(new_id, Kind.INTAKE, now, actor.id, intake)]
    due = office.clocks.due(fold([*events, Event(new_id, Kind.SUGGEST, now, actor.id, judged)]))
    body = judged | {"due_at": due.at.isoformat(), "due_kind": due.kind}
    events.append(Event(new_id, Kind.SUGGEST, now, actor.id, body))
    return record(connection, None, events, office.books)


def _judgement(order: WorkOrder) -> dict[str, Json]:
    return {
        "acceptance": order.acceptance,
        "request_type": order.request_type,
        "topic": order.topic,
        "lead": order.lead,
        "support": list(order.support),
        "flags": list(order.flags),
        "accused": list(order.accused),
        "region": order.region,
        "level": order.level,
        "power": order.power,
        "power_holder": order.power_holder,
    }


def _of_part(order: WorkOrder, part: PartWish) -> dict[str, Json]:
    judged = _judgement(order)
    if part.topic and part.topic != order.topic:
        judged |= {"topic": part.topic, "power": "", "power_holder": ""}
    if part.lead:
        judged |= {"lead": part.lead, "support": list(part.support)}
    return judged | {"urgency": order.urgency if part.urgency is None else part.urgency}
