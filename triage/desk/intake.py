"""Take a request in: judged, numbered, sealed and written in one transaction, or not at all.

A model that fails leaves the rules to judge; rules that fail leave the order to the manual queue.
Either way it is taken in. The same record twice, by idempotency key or by (source, source_id), is
one order: the second caller is told what the first was told.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from triage.desk.mode import mode_at
from triage.desk.office import Office
from triage.desk.record import PROACTIVE, IntakeRecord
from triage.desk.routing import follow_rules
from triage.desk.suggestion import suggestion_of
from triage.errors import TriageError
from triage.request import Json, Prediction
from triage.store.intake_keys import IntakeKey, answer_to, remember
from triage.store.orders import record
from triage.store.repeats import earlier_requests
from triage.text.mask import mask
from triage.workorder.events import Event, Kind
from triage.workorder.numbers import new_order_id, new_query_code
from triage.workorder.order import WorkOrder
from triage.workorder.projection import fold

IDEMPOTENCY, SOURCE = "idempotency", "source"
_SYSTEM = "system"

logger = logging.getLogger(__name__)


class KeyReused(TriageError):
    """An idempotency key that came with another request before."""

    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the caller is told: `answer` is the JSON; a replay is the answer of the first time."""

    order_id: str
    answer: bytes
    is_replay: bool


def receive(
    office: Office, given: IntakeRecord, *, actor: str, idempotency_key: str = ""
) -> Receipt:
    """Take one record in; durable when this returns.

    Raises
    ------
    KeyReused
        The idempotency key, or the source's number, came with another record.
    StoreUnavailable
        Nothing was written; ask again.
    """
    keys = keys_of(given, actor, idempotency_key)
    if (before := _before(office, given, keys)) is not None:
        return before
    (prediction,) = judge(office, [given])
    try:
        with office.database.write() as connection:
            return write(office, connection, given, keys, prediction, actor)
    except IntegrityError:
        # Somebody sent the same record at the same moment and was first.
        before = _before(office, given, keys)
        if before is None:
            raise
        return before


def keys_of(given: IntakeRecord, actor: str, idempotency_key: str = "") -> tuple[IntakeKey, ...]:
    """Return what the same record is known again by."""
    keys = []
    if idempotency_key:
        keys.append(IntakeKey(IDEMPOTENCY, actor, idempotency_key))
    if given.source_id:
        keys.append(IntakeKey(SOURCE, given.source, given.source_id))
    return tuple(keys)


def _before(office: Office, given: IntakeRecord, keys: tuple[IntakeKey, ...]) -> Receipt | None:
    if not keys:
        return None
    with office.database.read() as connection:
        return answered(connection, given, keys)


def answered(
    connection: Connection, given: IntakeRecord, keys: tuple[IntakeKey, ...]
) -> Receipt | None:
    """Return what the first sender of this record was told; None for a new one.

    Raises
    ------
    KeyReused
    """
    for key in keys:
        found = answer_to(connection, key)
        if found is None:
            continue
        if found.digest != given.digest():
            name = "Idempotency-Key" if key.kind == IDEMPOTENCY else "source_id"
            raise KeyReused(f"这个 {name} 已用于另一条内容不同的诉求：请换一个新的", field=name)
        return Receipt(found.order_id, found.answer, is_replay=True)
    return None


def judge(office: Office, given: Sequence[IntakeRecord]) -> list[Prediction | None]:
    """Return a prediction for each record; None for all where nothing can judge them."""
    requests = [
        replace(one.nameless(), received_at=one.request.received_at or office.now())
        for one in given
    ]
    for triage in office.triages:
        try:
            return list(triage(requests))
        except Exception as error:  # whatever breaks, the request is taken in
            logger.error("triage failed at intake: %s", type(error).__name__)
    return [None] * len(requests)


def write(
    office: Office,
    connection: Connection,
    given: IntakeRecord,
    keys: tuple[IntakeKey, ...],
    prediction: Prediction | None,
    actor: str,
) -> Receipt:
    """Write a new record within the caller's transaction.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        Somebody else was first with one of the keys.
    """
    events = _events(office, connection, given, prediction, actor)
    order = record(connection, None, events, office.books)
    office.vault.seal(connection, order.id, given.originals(), order.received_at)
    answer = orjson.dumps(_answer(office, order, prediction))
    remember(connection, keys, order.id, given.digest(), answer, events[0].at)
    return Receipt(order.id, answer, is_replay=False)


def _events(
    office: Office,
    connection: Connection,
    given: IntakeRecord,
    prediction: Prediction | None,
    actor: str,
) -> list[Event]:
    now, request = office.now(), given.request
    order_id = new_order_id(now)
    mode = mode_at(connection, now).name
    title, text = given.masked()
    requester = office.identity.requester(given.requester.phone)
    first = office.clocks.first_due(now, mode=mode)
    intake: dict[str, Json] = {
        "query_code": new_query_code(),
        "received_at": (request.received_at or now).isoformat(),
        "due_at": first.at.isoformat(),
        "due_kind": first.kind,
        "channel": _clean(request.channel),
        "source": given.source,
        "source_id": given.source_id,
        "origin": "proactive_case" if given.origin in PROACTIVE else given.origin,
        "title": title,
        "text": text,
        "district": _clean(request.district),
        "township": _clean(request.township),
        "requester": requester,
        "phone_tail": office.identity.tail(order_id, given.requester.phone),
        "mode": mode,
        "parent_id": _clean(given.parent_id),
        "repeats": earlier_requests(connection, requester, now),
    }
    if given.topic_hint:
        intake["topic_hint"] = _clean(given.topic_hint)
    events = [Event(order_id, Kind.INTAKE, now, actor, intake)]
    if prediction is None:
        return [*events, Event(order_id, Kind.MANUAL, now, _SYSTEM, {"reason": "triage_failed"})]
    said = prediction.to_json() | {"id": order_id}
    suggested = follow_rules(
        connection, office.codes, suggestion_of(prediction), said, f"{title}\n{text}", now=now
    )
    draft = Event(order_id, Kind.SUGGEST, now, _SYSTEM, suggested)
    due = office.clocks.due(fold([*events, draft]))
    body = suggested | {"due_at": due.at.isoformat(), "due_kind": due.kind}
    return [
        *events,
        Event(order_id, Kind.PREDICTION, now, _SYSTEM, said),
        Event(order_id, Kind.SUGGEST, now, _SYSTEM, body),
    ]


def _clean(word: str | None) -> str:
    """Return a word of the record, masked: a field for a place may hold anything."""
    return mask(word).text if word else ""


def _answer(office: Office, order: WorkOrder, prediction: Prediction | None) -> dict[str, Json]:
    triage = None if prediction is None else prediction.to_json() | {"id": order.id}
    return {
        "id": order.id,
        "query_code": order.query_code,
        "state": order.state.value,
        "version": order.version,
        "due_at": order.due_at.isoformat(),
        "due_is_provisional": office.clocks.is_provisional(order),
        "triage": triage,
    }
