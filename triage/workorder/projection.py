"""Fold events into the present state of a work order: what each kind of event changes.

Pure: the store writes the result beside the ledger, and `triage ledger verify` folds it all again.
Deadlines are computed when something happens and stand in the event: policies change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias, cast

from triage.errors import TriageError
from triage.workorder.clock import Raise
from triage.workorder.events import Event, Kind
from triage.workorder.order import Pause, WorkOrder, altered
from triage.workorder.states import State

Change: TypeAlias = Callable[[WorkOrder, Event], WorkOrder]


class BrokenHistory(TriageError):
    """Events that cannot have happened in this order."""


def fold(events: Iterable[Event]) -> WorkOrder:
    """Return the order that these events, oldest first, make.

    Raises
    ------
    BrokenHistory
        No intake comes first, or there is no event at all.
    """
    order: WorkOrder | None = None
    for event in events:
        order = apply(order, event)
    if order is None:
        raise BrokenHistory("没有任何事件：工单的历史不完整")
    return order


def apply(order: WorkOrder | None, event: Event) -> WorkOrder:
    """Return the order after one more event; an intake makes it.

    Raises
    ------
    BrokenHistory
        The first event is no intake, or a later one is.
    """
    if (order is None) != (event.kind is Kind.INTAKE):
        raise BrokenHistory(f"工单 {event.order_id} 的历史不完整：{event.kind} 不能出现在这里")
    if order is None:
        return _intake(event)
    if event.kind is Kind.READ:
        return order  # who reads changes nothing: nobody's version grows stale by it
    change = _CHANGES.get(event.kind)
    changed = order if change is None else change(order, event)
    more: dict[str, object] = {"version": order.version + 1}
    if event.kind in _MOVES_TO:
        more |= {"state": _MOVES_TO[event.kind], "state_since": event.at}
    due = event.body.get("due_at")
    if due is not None:
        kind = str(event.body.get("due_kind", order.due_kind))
        more |= {"due_at": _time(due), "due_kind": kind}
    return altered(changed, **more)


def _intake(event: Event) -> WorkOrder:
    body = event.body
    return WorkOrder(
        id=event.order_id,
        query_code=_text(body.get("query_code")),
        state=State.RECEIVED,
        version=1,
        received_at=_time(body["received_at"]),
        state_since=event.at,
        started_at=event.at,
        due_at=_time(body["due_at"]),
        due_kind=_text(body.get("due_kind")),
        channel=_text(body.get("channel")),
        source=_text(body.get("source")),
        source_id=_text(body.get("source_id")),
        origin=_text(body.get("origin")) or "citizen",
        title=_text(body.get("title")),
        text=_text(body.get("text")),
        district=_text(body.get("district")),
        township=_text(body.get("township")),
        requester=_text(body.get("requester")),
        phone_tail=_text(body.get("phone_tail")),
        mode=_text(body.get("mode")) or "NORMAL",
        parent_id=_text(body.get("parent_id")),
        part_of=_text(body.get("part_of")),
        repeats=int(cast(int, body.get("repeats", 0))),
    )


def _judged(order: WorkOrder, event: Event) -> WorkOrder:
    """Take on a suggestion or a person's override: only what it names changes."""
    body = event.body
    known = {name: _text(body[name]) for name in _JUDGED if name in body}
    lists = {name: _texts(body[name]) for name in ("flags", "support", "accused") if name in body}
    changed = altered(order, **known, **lists)
    if "urgency" in body:
        changed = _clocked(changed, event, int(cast(int, body["urgency"])))
    if "is_complex" in body:
        changed = altered(changed, is_complex=bool(body["is_complex"]))
    if event.kind is Kind.SUGGEST and not order.suggested:
        changed = altered(changed, suggested=changed.lead)
    return changed


def _clocked(order: WorkOrder, event: Event, level: int) -> WorkOrder:
    """Set the level: before a dispatch it corrects the clock, afterwards it can only hurry it."""
    if not order.dispatches:
        return altered(order, urgency=level, clock_urgency=level)
    fastest = min([order.clock_urgency, *(one.urgency for one in order.raises)])
    raises = order.raises
    if level < fastest:
        raises = (*raises, Raise(event.at, level, order.mode, len(order.extensions)))
    return altered(order, urgency=level, raises=raises)


def _dispatched(order: WorkOrder, event: Event) -> WorkOrder:
    body = event.body
    unit = _text(body["unit"])
    until = body.get("reject_until")
    return altered(
        order,
        lead=unit,
        support=_texts(body["support"]) if "support" in body else order.support,
        body=_text(body.get("body")),
        region=_text(body.get("region")) or order.region,
        level=_text(body.get("level")) or order.level,
        first_receiver=order.first_receiver or unit,
        holders=(*order.holders, unit),
        dispatches=order.dispatches + 1,
        reject_until=_time(until) if until is not None else None,
        deemed_accepted=event.kind is Kind.DESIGNATE,
        acknowledged_at=None,
    )


def _rejected(order: WorkOrder, event: Event) -> WorkOrder:
    reason = _text(event.body.get("reason"))
    return altered(order, rejects=order.rejects + 1, last_reject=reason, body="")


def _acknowledged(order: WorkOrder, event: Event) -> WorkOrder:
    return altered(order, acknowledged_at=event.at)


def _paused(order: WorkOrder, event: Event) -> WorkOrder:
    return altered(
        order, pauses=(*order.pauses, Pause(event.at, None, _text(event.body.get("reason"))))
    )


def _resumed(order: WorkOrder, event: Event) -> WorkOrder:
    *before, last = order.pauses
    return altered(order, pauses=(*before, replace(last, until=event.at)))


def _extended(order: WorkOrder, event: Event) -> WorkOrder:
    days = int(cast(int, event.body["working_days"]))
    return altered(order, extensions=(*order.extensions, days))


def _reminded(order: WorkOrder, event: Event) -> WorkOrder:
    return altered(order, reminders=order.reminders + 1, reminded=_sent(order, event))


def _supervised(order: WorkOrder, event: Event) -> WorkOrder:
    return altered(order, supervised=True, reminded=_sent(order, event))


def _sent(order: WorkOrder, event: Event) -> tuple[str, ...]:
    code = _text(event.body.get("code"))  # a person's reminder has none
    return (*order.reminded, code) if code else order.reminded


def _replied(order: WorkOrder, event: Event) -> WorkOrder:
    return altered(
        order,
        reply=_text(event.body.get("note")),
        reply_flags=_texts(event.body.get("flags", ())),
        replied_at=event.at,
    )


def _notified(order: WorkOrder, event: Event) -> WorkOrder:
    return altered(order, reply_flags=()) if "released" in event.body else order


def _followed_up(order: WorkOrder, event: Event) -> WorkOrder:
    outcome = _text(event.body.get("reason"))
    doubts = _texts(event.body.get("doubts", ()))  # events of earlier versions name none
    flags = order.reply_flags if outcome == "UNREACHABLE" else doubts
    return altered(order, outcome=outcome, reply_flags=flags)


def _closed(order: WorkOrder, event: Event) -> WorkOrder:
    waived = event.body.get("reason") == "WAIVED"
    waiver = _text(event.body.get("basis")) if waived else ""
    return altered(order, closed_at=event.at, waiver=waiver)


def _merged(order: WorkOrder, event: Event) -> WorkOrder:
    return altered(order, merged_into=_text(event.body["into"]))


def _absorbed(order: WorkOrder, event: Event) -> WorkOrder:
    return altered(order, absorbed=(*order.absorbed, _text(event.body["order"])))


def _released(order: WorkOrder, event: Event) -> WorkOrder:
    gone = event.body["order"]
    return altered(order, absorbed=tuple(one for one in order.absorbed if one != gone))


def _split(order: WorkOrder, event: Event) -> WorkOrder:
    return altered(order, parts=(*order.parts, *_texts(event.body["parts"])))


def _reopened(order: WorkOrder, event: Event) -> WorkOrder:
    return altered(order, children=(*order.children, _text(event.body["order"])))


def _excluded(order: WorkOrder, event: Event) -> WorkOrder:
    return altered(order, exclusions=(*order.exclusions, _text(event.body["reason"])))


_CHANGES: dict[Kind, Change] = {
    Kind.SUGGEST: _judged,
    Kind.OVERRIDE: _judged,
    Kind.DISPATCH: _dispatched,
    Kind.REASSIGN: _dispatched,
    Kind.ADJUDICATE: _dispatched,
    Kind.DESIGNATE: _dispatched,
    Kind.REJECT: _rejected,
    Kind.ACKNOWLEDGE: _acknowledged,
    Kind.DEEMED_ACCEPTED: lambda order, event: altered(order, deemed_accepted=True),
    Kind.PAUSE: _paused,
    Kind.RESUME: _resumed,
    Kind.EXTENSION: _extended,
    Kind.REMIND: _reminded,
    Kind.SUPERVISE: _supervised,
    Kind.REPLY: _replied,
    Kind.NOTIFY: _notified,
    Kind.FOLLOW_UP: _followed_up,
    Kind.CLOSE: _closed,
    Kind.MERGE: _merged,
    Kind.UNMERGE: lambda order, event: altered(order, merged_into=""),
    Kind.ABSORB: _absorbed,
    Kind.RELEASE: _released,
    Kind.SPLIT: _split,
    Kind.REOPEN: _reopened,
    Kind.EXCLUSION: _excluded,
}

_JUDGED = (
    *("request_type", "acceptance", "topic", "lead", "region", "level"),
    *("power", "power_holder"),
)

_MOVES_TO: dict[Kind, State] = {
    Kind.SUGGEST: State.SUGGESTED,
    Kind.MANUAL: State.MANUAL,
    Kind.DISPATCH: State.DISPATCHED,
    Kind.REASSIGN: State.DISPATCHED,
    Kind.ADJUDICATE: State.DISPATCHED,
    Kind.DESIGNATE: State.DISPATCHED,
    Kind.ACKNOWLEDGE: State.ACKNOWLEDGED,
    Kind.HANDLE: State.HANDLING,
    Kind.RESUME: State.HANDLING,
    Kind.REDO: State.HANDLING,
    Kind.REJECT: State.REJECTED,
    Kind.OBJECT: State.OBJECTED,
    Kind.PAUSE: State.PAUSED,
    Kind.REPLY: State.REPLIED,
    Kind.FOLLOW_UP: State.FOLLOWED_UP,
    Kind.CLOSE: State.CLOSED,
    Kind.MERGE: State.MERGED,
    Kind.UNMERGE: State.SUGGESTED,
}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in cast(list[object], value))


def _time(value: object) -> datetime:
    return datetime.fromisoformat(str(value))
