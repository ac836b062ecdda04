"""A reply before it goes out: doubts hold it back from the citizen until somebody releases it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import Connection

from triage.desk.actor import Actor, check_reach
from triage.desk.guards import MoveRefused
from triage.desk.office import Office
from triage.request import Json
from triage.store.ledger import events_of
from triage.store.orders import claim, record
from triage.store.replies import keep_print, sent_before
from triage.text.mask import mask
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder
from triage.workorder.reply_check import ReplyFlag, check_reply, print_of

CONFIRMED = "CONFIRMED"
"""The reason by which a sender says beforehand that a reply is meant as it is."""


def doubts_of(
    connection: Connection, order: WorkOrder, note: str, now: datetime
) -> tuple[ReplyFlag, ...]:
    """Return the doubts about a reply and keep its print, within the caller's transaction."""
    reply = mask(note).text
    digest = print_of(reply)
    before = sent_before(connection, order.id, digest)
    keep_print(connection, order.id, digest, now)
    return check_reply(reply, _wanted(connection, order), sent_before=before)


def release(office: Office, order_id: str, *, version: int | None, actor: Actor) -> WorkOrder:
    """Send a reply that was held back on to the citizen.

    Raises
    ------
    UnknownOrder, StaleOrder, NotAllowed
    MoveRefused
        nothing_held.
    """
    with office.database.write() as connection:
        order = claim(connection, order_id, version)
        check_reach(order, actor)
        if not order.is_reply_held:
            raise MoveRefused("nothing_held", f"工单 {order.id} 没有待确认的答复")
        body: dict[str, Json] = {"released": list(order.reply_flags)}
        event = Event(order.id, Kind.NOTIFY, office.now(), actor.id, body)
        return record(connection, order, [event], office.books)


def _wanted(connection: Connection, order: WorkOrder) -> list[str]:
    """Return the object and the demand that the last prediction found."""
    found: Mapping[str, Json] = {}
    for entry in events_of(connection, order.id):
        if entry.event.kind is Kind.PREDICTION and not entry.is_purged:
            found = cast(Mapping[str, Json], entry.event.body.get("elements") or {})
    return [str(found[name]) for name in ("object", "demand") if found.get(name)]
