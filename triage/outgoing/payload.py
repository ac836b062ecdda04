"""An event as other systems get it: what happened to which order, in codes and times.

No text of a request, reply or reason, no person, no query code, no accused unit: who needs more
asks for the order with rights of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from triage.request import Json
from triage.store.ledger import Entry
from triage.text.mask import mask
from triage.workorder.events import Kind
from triage.workorder.order import WorkOrder

_INTERNAL = frozenset(
    {Kind.READ, Kind.PREDICTION, Kind.PURGE, Kind.MODEL, Kind.RULE, Kind.KEY},
)
SENT_KINDS = frozenset(Kind) - _INTERNAL
"""The kinds of event that may be asked for: what happens to orders, and the mode."""
_FIELDS = (
    *("received_at", "due_at", "due_kind", "reject_until", "until", "mode", "channel", "origin"),
    *("district", "township", "region", "level", "acceptance", "request_type", "topic", "urgency"),
    *("flags", "is_complex", "unit", "lead", "support", "body", "from", "into", "order", "parts"),
    *("parent_id", "part_of", "was_in", "code", "to", "working_days", "released"),
    *("alarm", "alarm_kind", "series", "what", "count", "expected", "outcome"),
)
_REASONED = frozenset(
    {Kind.REJECT, Kind.PAUSE, Kind.RESUME, Kind.FOLLOW_UP, Kind.CLOSE, Kind.DESIGNATE, Kind.MANUAL}
)
"""Kinds whose reason is a code; of others it may be words."""
_UNITS = ("unit", "lead", "support", "body")


def event_id(seq: int) -> str:
    """Return the id of an event, the same whenever and to whomever it is sent."""
    return f"evt_{seq}"


def payload(entry: Entry, order: WorkOrder | None) -> bytes:
    """Return the JSON of an event; None for the order of one of the whole system."""
    event = entry.event
    document: dict[str, Json] = {
        "id": event_id(entry.seq),
        "seq": entry.seq,
        "kind": event.kind.value,
        "at": event.at.isoformat(),
        "is_automatic": event.actor == "system",
        "request": None if order is None else _request(order),
        "data": _data(event.kind, event.body, order),
    }
    return orjson.dumps(document)


def _request(order: WorkOrder) -> dict[str, Json]:
    return {
        "id": order.id,
        "source": _masked(order.source),
        "source_id": _masked(order.source_id),
        "parent_id": order.parent_id,
        "merged_into": order.merged_into,
    }


def _data(kind: Kind, body: Mapping[str, Json], order: WorkOrder | None) -> dict[str, Json]:
    names: tuple[str, ...] = (*_FIELDS, "reason") if kind in _REASONED else _FIELDS
    if order is not None and order.is_report:
        names = tuple(name for name in names if name not in _UNITS)
    return {name: _masked(body[name]) for name in names if name in body}


def _masked(value: Json) -> Json:
    if isinstance(value, str):
        return mask(value).text
    if isinstance(value, list):
        return [_masked(one) for one in value]
    return value
