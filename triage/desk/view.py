"""What is shown of an order, and to whom: the order as JSON, its timeline, the citizen's progress.

A report's requester is shown to no unit, and its text to nobody whom it accuses; personal data is
in none of these (it lies in the vault), but even a digest tells that two requests are one person's.
"""

from __future__ import annotations

from collections.abc import Sequence

from triage.desk.actor import Actor
from triage.desk.cases import interim_lead
from triage.desk.office import Office
from triage.request import Json
from triage.store.ledger import Entry
from triage.workorder.events import Kind
from triage.workorder.moves import move_table
from triage.workorder.order import WorkOrder
from triage.workorder.states import State
from triage.workorder.unit_roles import role_of

PUBLIC_STATES = {
    State.RECEIVED: "已收到",
    State.SUGGESTED: "正在分派",
    State.MANUAL: "正在分派",
    State.DISPATCHED: "已转承办单位",
    State.ACKNOWLEDGED: "承办单位已签收",
    State.HANDLING: "正在办理",
    State.PAUSED: "办理中（等待条件）",
    State.REJECTED: "正在重新分派",
    State.OBJECTED: "正在会商承办单位",
    State.REPLIED: "已答复",
    State.FOLLOWED_UP: "已回访",
    State.MERGED: "并入同一事件办理",
    State.CLOSED: "已办结",
}
"""What the citizen reads; two dispatchers' states look alike from outside."""
_HIDDEN_FROM_UNITS = frozenset({Kind.READ})
_HIDDEN_WORDS = frozenset({"requester", "phone_tail", "query_code", "repeats", "accused"})


def order_answer(office: Office, order: WorkOrder, actor: Actor) -> dict[str, Json]:
    """Return an order for a caller whom it reaches, with what may still become of its deadline."""
    return order_json(order, actor) | {"due_is_provisional": office.clocks.is_provisional(order)}


def order_json(order: WorkOrder, actor: Actor) -> dict[str, Json]:
    """Return an order for a caller whom it reaches."""
    shown: dict[str, Json] = {
        "id": order.id,
        "state": order.state.value,
        "version": order.version,
        "allowed": [state.value for state in move_table().allowed(order.state)],
        "received_at": order.received_at.isoformat(),
        "state_since": order.state_since.isoformat(),
        "due_at": order.due_at.isoformat(),
        "due_kind": order.due_kind,
        "origin": order.origin,
        "channel": order.channel,
        "source": order.source,
        "source_id": order.source_id,
        "title": order.title,
        "text": order.text,
        "district": order.district,
        "township": order.township,
        "request_type": order.request_type,
        "acceptance": order.acceptance,
        "topic": order.topic,
        "urgency": order.urgency,
        "flags": list(order.flags),
        "lead": order.lead,
        "support": list(order.support),
        "unit_role": role_of(order, actor.units) or "",
        "body": order.body,
        "region": order.region,
        "level": order.level,
        "dispatches": order.dispatches,
        "holders": list(order.holders),
        "interim_lead": interim_lead(order) if order.state is State.OBJECTED else "",
        "rejects": order.rejects,
        "reject_until": order.reject_until.isoformat() if order.reject_until else None,
        "supervised": order.supervised,
        "reply": order.reply,
        "reply_flags": list(order.reply_flags),
        "reply_held": order.is_reply_held,
        "outcome": order.outcome,
        "waiver": order.waiver,
        "parent_id": order.parent_id,
        "children": list(order.children),
        "part_of": order.part_of,
        "parts": list(order.parts),
        "merged_into": order.merged_into,
        "absorbed": list(order.absorbed),
    }
    if not actor.units:
        shown |= {"query_code": order.query_code, "accused": list(order.accused)}
    return shown


def timeline_json(entries: Sequence[Entry], actor: Actor) -> list[Json]:
    """Return the events of an order, oldest first; units do not see who read what."""
    hidden = _HIDDEN_FROM_UNITS if actor.units else frozenset()
    return [
        {
            "seq": entry.seq,
            "kind": entry.event.kind.value,
            "at": entry.event.at.isoformat(),
            "actor": entry.event.actor,
            "body": _body(entry, actor),
        }
        for entry in entries
        if entry.event.kind not in hidden
    ]


def progress_json(order: WorkOrder) -> dict[str, Json]:
    """Return what the public query shows: states and times, no text, no person."""
    return {
        "state": order.state.value,
        "progress": PUBLIC_STATES[order.state],
        "received_at": order.received_at.isoformat(),
        "state_since": order.state_since.isoformat(),
        "due_at": order.due_at.isoformat() if order.is_open else None,
        "body": "" if order.is_report else order.body,
        "replied_at": order.replied_at.isoformat() if order.replied_at else None,
        "outcome": order.outcome or None,
    }


def _body(entry: Entry, actor: Actor) -> Json:
    hidden = _HIDDEN_WORDS if actor.units else frozenset()
    return {name: value for name, value in entry.event.body.items() if name not in hidden}
